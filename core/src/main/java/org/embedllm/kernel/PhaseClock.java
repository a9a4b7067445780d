package org.embedllm.kernel;

import java.util.function.LongSupplier;
import org.embedllm.factorization.TrainingListener;
import org.embedllm.factorization.TrainingPhase;

/// Tells a listener of each phase of a training when it ends, where the next one begins.
final class PhaseClock {
  private final LongSupplier nanoClock;
  private final TrainingListener listener;
  private long began;

  PhaseClock(LongSupplier nanoClock, TrainingListener listener) {
    this.nanoClock = nanoClock;
    this.listener = listener;
    this.began = nanoClock.getAsLong();
  }

  /// A phase has ended.
  ///
  /// @param operations of its matrix products
  void done(String phase, double operations) {
    long now = nanoClock.getAsLong();
    listener.phaseDone(new TrainingPhase(phase, (now - began) * 1e-9, operations * 1e-9));
    began = now;
  }
}
