package org.embedllm.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ThirdPartyTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| \\[[^:]+:([^\\]]+)\\]\\([^)]+\\) \\| (\\S+) \\| (.+) \\|$");

  @Test
  void thirdParty_shippedLibraries_areListedWithVersionAndLicense() throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("../THIRD-PARTY.md")).stream()
            .map(ROW::matcher)
            .filter(row -> row.matches() && !row.group(3).isBlank())
            .map(row -> row.group(1) + "-" + row.group(2) + ".jar")
            .toList();
    Path lib = Path.of("../app/target/lib");
    assumeTrue(Files.isDirectory(lib), "mvn package collects the libraries");
    try (Stream<Path> files = Files.list(lib)) {
      List<String> jars =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.startsWith("embedllm-"))
              .toList();
      assertThat(rows).as("mvn -Prelease package writes THIRD-PARTY.md").isSubsetOf(jars);
      // An older build may have left other versions there.
      assertThat(jars.stream().map(ThirdPartyTest::library))
          .isSubsetOf(rows.stream().map(ThirdPartyTest::library).toList());
    }
  }

  private static String library(String jar) {
    return jar.replaceFirst("-\\d.*", "");
  }
}
