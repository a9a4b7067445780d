package org.embedllm.app.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.app.ask.AnswersTarget;
import org.embedllm.app.ask.AskTargets;
import org.embedllm.app.replay.StoreTargets;
import org.embedllm.app.web.GatewayBodies;
import org.embedllm.app.web.PageAddresses;
import org.embedllm.gateway.server.PemTargets;
import org.embedllm.gateway.shadow.ShadowTargets;
import org.embedllm.gateway.upstream.UpstreamErrorTarget;
import org.embedllm.onnx.OnnxTargets;

/// Every reader of bytes from outside.
final class FuzzTargets {
  /// Those first whose seeds are made quickly: one target does not wait for all.
  private static final List<Group> GROUPS =
      List.of(
          GatewayTargets::all,
          () -> List.of(PageAddresses.target()),
          GatewayBodies::targets,
          () -> List.of(PageAddresses.bodies()),
          () -> List.of(AnswersTarget.target()),
          AskTargets::all,
          OnnxTargets::all,
          () -> List.of(UpstreamErrorTarget.target()),
          ShadowTargets::all,
          PemTargets::all,
          StoreTargets::all,
          EncoderTargets::all,
          VectorTargets::all,
          LogTargets::all,
          ModelTargets::all,
          TableTargets::all);

  private FuzzTargets() {}

  private interface Group {
    List<FuzzTarget> targets() throws IOException;
  }

  private static Stream<FuzzTarget> stream() {
    return GROUPS.stream()
        .flatMap(group -> {
          try {
            return group.targets().stream();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  static List<FuzzTarget> all() {
    return stream().toList();
  }

  /// @throws IllegalArgumentException when there is none of this name
  static FuzzTarget named(String name) {
    return stream()
        .filter(target -> target.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no fuzz target " + name));
  }
}
