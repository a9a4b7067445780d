package org.embedllm.gateway.access;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What keys have used in their windows of time, counted together by all gateways on one database.
public interface SharedUsage {
  /// Something that is counted.
  enum Quantity {
    USD,
    REQUESTS,
    TOKENS
  }

  /// @param client a key's name
  /// @param start of the window
  record Window(String client, Quantity quantity, Instant start) {}

  /// @param amount to be taken
  /// @param limit of the window: something is left while less than it is used
  record Demand(Window window, double amount, double limit) {}

  /// @param refused the first window with nothing left; then nothing was taken
  /// @param used of the demands' windows in their order, this one included
  record Outcome(Optional<Window> refused, List<Double> used) {
    public Outcome {
      used = List.copyOf(used);
    }
  }

  /// @param amount more than was taken before; negative for less
  record Change(Window window, double amount) {}

  /// Takes all of it or nothing.
  ///
  /// @throws Unavailable where the database does not answer in time
  Outcome reserve(List<Demand> demands) throws Unavailable;

  /// Corrects what was taken.
  ///
  /// @throws Unavailable where the database does not answer: nothing was changed
  void settle(List<Change> changes) throws Unavailable;

  /// The database does not answer.
  final class Unavailable extends Exception {
    private static final long serialVersionUID = 1L;

    public Unavailable(Throwable cause) {
      super(cause);
    }
  }
}
