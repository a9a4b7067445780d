package org.embedllm.gateway.observe;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.embedllm.gateway.observe.LiveSummary.Slice;

/// Counts of the last day by half minutes: bounded memory for any traffic, exact but for the
/// window's beginning. Not safe for several threads.
final class LiveWindow {
  static final Duration LONGEST = Duration.ofHours(24);
  private static final Duration SLOT = Duration.ofSeconds(30);
  private static final long MOST_SLOTS = LONGEST.dividedBy(SLOT);
  private static final int MOST_SLICES = 60;

  /// Only half minutes in which something happened, the oldest first.
  private final Deque<Slot> slots = new ArrayDeque<>();

  private record Slot(long number, LiveCounts counts) {}

  /// @param at when the request ended; what is older than the newest half minute is counted there
  void add(CompletedRequest request, Instant at) {
    long number = number(at);
    if (slots.isEmpty() || slots.getLast().number() < number) {
      slots.addLast(new Slot(number, new LiveCounts()));
    }
    slots.getLast().counts().add(request);
    while (slots.getFirst().number() <= number - MOST_SLOTS) {
      slots.removeFirst();
    }
  }

  /// All counts since a moment.
  LiveCounts since(Instant from) {
    var sum = new LiveCounts();
    long first = number(from);
    for (Slot slot : slots) {
      if (slot.number() >= first) {
        sum.add(slot.counts());
      }
    }
    return sum;
  }

  /// The same as a row of slices of equal length.
  List<Slice> slices(Instant from, Instant to) {
    long first = number(from);
    long all = number(to) - first + 1;
    long length = Math.ceilDiv(all, MOST_SLICES);
    int count = (int) Math.ceilDiv(all, length);
    long[] requests = new long[count];
    long[] errors = new long[count];
    for (Slot slot : slots) {
      if (slot.number() >= first && slot.number() < first + all) {
        int at = (int) ((slot.number() - first) / length);
        requests[at] += slot.counts().requests;
        errors[at] += slot.counts().errors;
      }
    }
    var slices = new ArrayList<Slice>();
    for (int i = 0; i < count; i++) {
      slices.add(new Slice(begin(first + i * length), requests[i], errors[i]));
    }
    return slices;
  }

  /// The beginning of the half minute of a moment.
  static Instant floor(Instant at) {
    return begin(number(at));
  }

  private static long number(Instant at) {
    return Math.floorDiv(at.getEpochSecond(), SLOT.toSeconds());
  }

  private static Instant begin(long number) {
    return Instant.ofEpochSecond(number * SLOT.toSeconds());
  }
}
