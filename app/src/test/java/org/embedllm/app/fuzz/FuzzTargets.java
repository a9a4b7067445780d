package org.embedllm.app.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.app.web.PageAddresses;

/// Every reader of bytes from outside.
final class FuzzTargets {
  private FuzzTargets() {}

  static List<FuzzTarget> all() {
    try {
      return Stream.of(
              TableTargets.all(),
              VectorTargets.all(),
              EncoderTargets.all(),
              GatewayTargets.all(),
              List.of(PageAddresses.target()))
          .flatMap(List::stream)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws IllegalArgumentException when there is none of this name
  static FuzzTarget named(String name) {
    return all().stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no fuzz target " + name));
  }
}
