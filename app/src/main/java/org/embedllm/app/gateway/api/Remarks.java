package org.embedllm.app.gateway.api;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.Nearest;
import org.embedllm.app.gateway.config.UpstreamConfig;
import org.embedllm.app.gateway.decide.RoutingBrain;

/// What an operator should know of a configuration that is not wrong.
public final class Remarks {
  private Remarks() {}

  /// What a reader of the log should know about a configuration beside the model: upstreams that
  /// cannot be routed to, and how to change that.
  public static List<String> of(GatewayConfig config, RoutingBrain brain, String modelFile) {
    var remarks = new ArrayList<String>();
    for (UpstreamConfig upstream : config.upstreams()) {
      if (!brain.models().contains(upstream.model())) {
        remarks.add(
            ("upstream \"%s\" has no vector in %s: it answers to its name, but is never chosen.%s"
                    + " Give it one with: embedllm plan %s --budget 100, then embedllm add %s"
                    + " RESPONSES --to MODEL2")
                .formatted(
                    upstream.model(),
                    modelFile,
                    Nearest.hint(upstream.model(), brain.models()),
                    modelFile,
                    modelFile));
      }
    }
    var offered = config.upstreams().stream().map(UpstreamConfig::model).toList();
    long left = brain.models().stream().filter(m -> !offered.contains(m)).count();
    if (left > 0) {
      remarks.add(
          "%d of MODEL's %d models have no upstream".formatted(left, brain.models().size()));
    }
    return remarks;
  }
}
