package org.embedllm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// One word for one thing: the words that `docs/glossary.md` retires are in no main source, help
/// text or document, and the types that it names exist. Help texts are strings of main sources.
class GlossaryTest {
  private static final Path ROOT = Path.of("..");
  private static final Set<String> MODULES =
      Set.of("core", "onnx", "gateway", "app", "benchmarks", "examples", "spark");

  /// The class of a module with old names that are still read.
  private static final String EXCEPTION = "DeprecatedNames.java";

  private static final String RETIRED_SECTION = "## Retired words";

  private static final Pattern RETIRED =
      Pattern.compile(
          String.join(
              "|",
              "tower",
              "fold-?in\\b",
              "(?<!jet)brain",
              "newcomer",
              "(?<!Nearest)neighbour",
              "held[- ]out",
              "left-out forecast",
              "\\banew\\b",
              "\\bfor want of\\b",
              "\\bof before\\b",
              "\\b(come|comes|came|brought|brings?) along\\b",
              "\\bwhoever\\b",
              "\\b(stands|stood|lies)\\b",
              "\\brooms?\\b",
              "\\bhouse\\b"),
          Pattern.CASE_INSENSITIVE);

  @Test
  void retiredWords_areInNoMainSource() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : MODULES) {
      Path sources = ROOT.resolve(module).resolve("src/main");
      for (Path file : files(sources, ".java", ".js", ".css", ".html", ".md", ".json")) {
        if (!file.endsWith(EXCEPTION)) {
          found.addAll(retired(file, Files.readString(file)));
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void retiredWords_areInNoDocument() throws IOException {
    List<String> found = new ArrayList<>();
    for (String name : List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "embedllm")) {
      found.addAll(retired(ROOT.resolve(name), Files.readString(ROOT.resolve(name))));
    }
    for (Path file : files(ROOT.resolve("docs"), ".md")) {
      String text = Files.readString(file);
      int section = text.indexOf(RETIRED_SECTION);
      found.addAll(retired(file, section < 0 ? text : text.substring(0, section)));
    }
    assertThat(found).isEmpty();
  }

  @Test
  void deprecatedNames_areInOneClassOfAModuleAtMost() throws IOException {
    for (String module : MODULES) {
      assertThat(
              files(ROOT.resolve(module).resolve("src/main"), ".java").stream()
                  .filter(file -> file.endsWith(EXCEPTION)))
          .as(module)
          .hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void glossary_namesTypesThatExist() throws IOException {
    Set<String> types = new TreeSet<>(Set.of("String", "float"));
    for (String module : MODULES) {
      for (Path file : files(ROOT.resolve(module).resolve("src/main"), ".java")) {
        types.add(file.getFileName().toString().replace(".java", ""));
      }
    }
    String glossary = Files.readString(ROOT.resolve("docs/glossary.md"));
    Set<String> named = new TreeSet<>();
    int column = -1;
    for (String line : glossary.lines().toList()) {
      List<String> cells = List.of(line.split("(?<!\\\\)\\|"));
      if (line.startsWith("| term ")) {
        column = cells.stream().map(String::strip).toList().indexOf("Java type");
      } else if (!line.startsWith("|")) {
        column = -1;
      } else if (column > 0 && column < cells.size()) {
        Matcher type = Pattern.compile("`([A-Za-z]+)").matcher(cells.get(column));
        while (type.find()) {
          named.add(type.group(1));
        }
      }
    }
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(types).containsAll(named);
  }

  private static List<String> retired(Path file, String text) {
    List<String> found = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      Matcher word = RETIRED.matcher(line);
      while (word.find()) {
        found.add("%s:%d: %s".formatted(ROOT.relativize(file), number, word.group()));
      }
    }
    return found;
  }

  private static List<Path> files(Path folder, String... endings) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    }
  }
}
