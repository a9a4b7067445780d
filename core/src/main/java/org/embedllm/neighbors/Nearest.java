package org.embedllm.neighbors;

/// The k least of the values offered so far: a heap with the worst on top. Of equal values the
/// lower index wins.
final class Nearest {
  private final int[] indices; // [k]
  private final float[] values; // [k]
  private int size;

  Nearest(int k) {
    indices = new int[k];
    values = new float[k];
  }

  /// Keeps a value if it is among the least. Indices come ascending.
  ///
  /// @return what the next value has to be below to be kept
  float offer(int index, float value) {
    if (size < indices.length) {
      siftUp(index, value);
    } else if (value < values[0]) {
      // Offers come by ascending index, so an equal value is worse than what is kept.
      siftDown(index, value);
    }
    return size < indices.length ? Float.POSITIVE_INFINITY : values[0];
  }

  private boolean worse(int a, int b) {
    return values[a] > values[b] || (values[a] == values[b] && indices[a] > indices[b]);
  }

  private void siftUp(int index, float value) {
    int at = size++;
    indices[at] = index;
    values[at] = value;
    while (at > 0 && worse(at, (at - 1) / 2)) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }

  private void siftDown(int index, float value) {
    indices[0] = index;
    values[0] = value;
    sink(0);
  }

  private void sink(int from) {
    int at = from;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && worse(child + 1, child)) {
        child++;
      }
      if (!worse(child, at)) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private void swap(int a, int b) {
    int index = indices[a];
    float value = values[a];
    indices[a] = indices[b];
    values[a] = values[b];
    indices[b] = index;
    values[b] = value;
  }

  /// Writes the kept values, nearest first, and empties the heap.
  ///
  /// @param square |x|², which turns a value into a squared distance
  void drain(float square, int[] questions, float[] distances, int from) {
    while (size > 0) {
      int last = from + size - 1;
      questions[last] = indices[0];
      distances[last] = (float) Math.sqrt(Math.max(0f, values[0] + square));
      size--;
      swap(0, size);
      sink(0);
    }
  }
}
