package org.embedllm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Tests that start a program, a server, a browser or a database say so by a tag, so that the
/// profile `inner` leaves them out.
class TestTagsTest {
  private static final Map<Pattern, String> TAGS =
      Map.of(
          Pattern.compile(
              "new ProcessBuilder|ProgramProcess\\.|ServeProcess\\.start|NpmPackages\\.run"),
          "(process|browser)",
          Pattern.compile("\\bBrowserTab\\b|Playwright\\.create"),
          "browser",
          Pattern.compile("\\bPostgres\\.start"),
          "database",
          Pattern.compile("new GatewayFixture\\("),
          "server");

  @Test
  void testsThatStartPrograms_areTagged() throws IOException {
    List<String> untagged = new ArrayList<>();
    int starting = 0;
    for (Path file : tests()) {
      String text = Files.readString(file);
      for (var rule : TAGS.entrySet()) {
        if (rule.getKey().matcher(text).find()) {
          starting++;
          if (!Pattern.compile("@Tag\\(\"" + rule.getValue() + "\"\\)").matcher(text).find()) {
            untagged.add(file.getFileName() + " needs the tag " + rule.getValue());
          }
        }
      }
    }
    assertThat(starting).isGreaterThan(15);
    assertThat(untagged).isEmpty();
  }

  private static List<Path> tests() throws IOException {
    List<Path> tests = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.sorted().toList()) {
        Path sources = module.resolve("src/test/java");
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files
                .filter(file -> file.toString().endsWith("Test.java"))
                .filter(file -> !file.endsWith("TestTagsTest.java")) // it names what it looks for
                .forEach(tests::add);
          }
        }
      }
    }
    return tests;
  }
}
