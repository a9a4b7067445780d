package org.embedllm.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import org.embedllm.artifact.PoolPlacement;
import org.jspecify.annotations.Nullable;

/// The part of a pool that places models, sent to each process as bytes and opened there once.
final class BroadcastPlacement implements Serializable {
  private static final long serialVersionUID = 1;

  private final byte[] bytes;
  private transient @Nullable PoolPlacement opened;

  BroadcastPlacement(PoolPlacement placement) throws IOException {
    this.bytes = placement.toBytes();
  }

  /// The opened placement; the same object for all tasks of a process.
  synchronized PoolPlacement open() {
    PoolPlacement placement = opened;
    if (placement == null) {
      try {
        placement = PoolPlacement.ofBytes(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      opened = placement;
    }
    return placement;
  }
}
