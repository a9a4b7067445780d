package org.embedllm.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.embedllm.storage.Printable;
import org.junit.jupiter.api.Test;

class UpstreamErrorTest {
  @Test
  void whatAnUpstreamSays_hasNothingThatActsOnATerminal() {
    String body =
        """
        {"error": {"type": "t\\u009b2J", "code": "c\\u001b[2J", "param": "p\\u202e", "message": "m\\u0085\\u202e\\u007fn"}}
        """;

    UpstreamError error = UpstreamError.of(body.getBytes(StandardCharsets.UTF_8), List.of());

    assertThat(error.message()).isEqualTo("m \\u202e n");
    assertThat(error.code()).contains("c\\u001b[2J");
    assertThat(error.toString().chars().filter(c -> Printable.acts((char) c))).isEmpty();
  }
}
