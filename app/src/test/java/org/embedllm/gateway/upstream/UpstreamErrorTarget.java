package org.embedllm.gateway.upstream;

import java.util.List;
import org.embedllm.app.fuzz.FuzzTarget;
import org.embedllm.gateway.openai.Capability;

/// What upstreams say is wrong.
public final class UpstreamErrorTarget {
  private UpstreamErrorTarget() {}

  public static FuzzTarget target() {
    return FuzzTarget.ofTexts(
        "upstream-error",
        (folder, bytes) -> {
          UpstreamError error = UpstreamError.of(bytes, List.of("secret"));
          List<String> fields = List.of("top_p", "messages");
          error.isUnsupported();
          error.isQuota();
          error.isTooLong();
          error.parameter(fields);
          error.ability(List.of(Capability.values()));
          error.after("it answered 400");
        },
        "{\"error\": {\"message\": \"unsupported parameter: 'top_p' sk-abcdef\", \"type\": \"t\", \"code\": 3, \"param\": \"top_p[0]\"}}",
        "[{\"error\": \"x\"}]",
        "{\"message\": {\"detail\": [{\"type\": \"extra_forbidden\", \"loc\": [\"body\", \"top_p\"], \"msg\": \"m\"}]}}",
        "Bearer abc <html>\"message\": \"no support for image\"");
  }
}
