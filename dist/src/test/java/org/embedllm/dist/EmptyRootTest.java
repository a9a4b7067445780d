package org.embedllm.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The archive that `package` made, in a root without Java, without network, read-only. It runs in
/// the phase after `package`.
@Tag("slow")
@Tag("process")
class EmptyRootTest {
  @Test
  void archive_emptyRoot_runsTheQuickstartAndRoutes() throws Exception {
    Path archive;
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      archive =
          files
              .filter(f -> f.getFileName().toString().matches("embedllm-.*-linux-x86_64.tar.gz"))
              .findFirst()
              .orElse(Path.of("none"));
    }
    assumeTrue(Files.exists(archive), "mvn -DskipTests package makes the archive");
    String commands =
        """
        set -e
        "$EMBEDLLM/bin/embedllm" --version
        "$EMBEDLLM/bin/embedllm" quickstart --to /tmp/quickstart
        ls /tmp/quickstart
        "$EMBEDLLM/bin/embedllm" route /tmp/quickstart/model.safetensors 'What is 17 + 25?' --json
        set +e
        "$EMBEDLLM/bin/embedllm" route /tmp/none.safetensors x
        echo "status $?"
        """;
    Process process =
        new ProcessBuilder("src/test/sh/in-empty-root", archive.toString(), commands)
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("report.html")
        .contains("\"route\"")
        .contains("status 2")
        .doesNotContain("WARNING");
  }
}
