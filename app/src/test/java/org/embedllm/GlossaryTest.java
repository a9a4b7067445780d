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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One word for one thing: the words that `docs/glossary.md` retires are in no main source, script,
/// help text or document, and the types that it names exist. Help texts are strings of main
/// sources.
class GlossaryTest {
  private static final Path ROOT = Path.of("..");

  /// The class of a module with old names that are still read.
  private static final String EXCEPTION = "DeprecatedNames.java";

  private static final Path GLOSSARY = ROOT.resolve("docs/glossary.md");
  private static final String RETIRED_SECTION = "## Retired words";

  /// Where the glossary names what may keep a retired word.
  private static final String KEPT = "Names that keep a retired word";

  /// Where a name in camel case has its next word.
  private static final Pattern NEXT_WORD = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private final String glossary = Files.readString(GLOSSARY);
  private final Pattern retired = retired(glossary);
  private final Pattern kept = kept(glossary);

  GlossaryTest() throws IOException {}

  @Test
  void retiredWords_areInNoMainSource() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : modules()) {
      Path sources = ROOT.resolve(module).resolve("src/main");
      for (Path file :
          files(
              sources, ".java", ".js", ".css", ".html", ".md", ".json", ".sql", ".yaml", ".xml")) {
        if (!file.endsWith(EXCEPTION)) {
          found.addAll(retired(file, Files.readString(file)));
        }
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void retiredWords_areInNoDocumentAndNoScript() throws IOException {
    List<Path> read = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
    read.addAll(files(ROOT.resolve("deploy"), ""));
    read.addAll(files(ROOT.resolve(".ci"), ""));
    for (String name :
        List.of(
            "README.md",
            "ARCHITECTURE.md",
            "CHANGELOG.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "embedllm")) {
      read.add(ROOT.resolve(name));
    }
    List<String> found = new ArrayList<>();
    for (Path file : read) {
      String text = Files.readString(file);
      found.addAll(
          retired(
              file,
              file.equals(GLOSSARY) ? text.substring(0, text.indexOf(RETIRED_SECTION)) : text));
    }
    assertThat(found).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a tower",
        "two towers",
        "requireRoom(target)",
        "RoomX",
        "newcomers",
        "held out",
        "heldOut",
        "neighbouring",
        "comes along",
        "stands"
      })
  void retiredWord_inAnyShape_isFound(String text) {
    assertThat(retired(GLOSSARY, text)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the caller of a method",
        "an outcome",
        "a row",
        "benchmark",
        "report.setNumberNearestNeighbours(8)",
        "put(\"remarks\")",
        "understands"
      })
  void otherWord_isNotFound(String text) {
    assertThat(retired(GLOSSARY, text)).isEmpty();
  }

  @Test
  void deprecatedNames_areInOneClassOfAModuleAtMost() throws IOException {
    for (String module : modules()) {
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
    for (String module : modules()) {
      for (Path file : files(ROOT.resolve(module).resolve("src/main"), ".java")) {
        types.add(file.getFileName().toString().replace(".java", ""));
      }
    }
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

  private List<String> retired(Path file, String text) {
    List<String> found = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String words = NEXT_WORD.matcher(kept.matcher(line).replaceAll("")).replaceAll(" ");
      Matcher word = retired.matcher(words);
      while (word.find()) {
        found.add("%s:%d: %s".formatted(ROOT.relativize(file), number, word.group()));
      }
    }
    return found;
  }

  /// The left words of the glossary's table, without those that are retired in one meaning alone.
  private static Pattern retired(String glossary) {
    List<String> words =
        glossary
            .substring(glossary.indexOf(RETIRED_SECTION))
            .lines()
            .filter(line -> line.startsWith("| "))
            .skip(1)
            .flatMap(line -> Stream.of(line.split("\\|")[1].split(",")))
            .map(String::strip)
            .filter(word -> !word.contains("("))
            .map(word -> word.replaceAll("[- ]", "s?[- ]?"))
            .toList();
    assertThat(words).hasSizeGreaterThan(15).contains("tower", "room");
    return Pattern.compile(
        "\\b(" + String.join("|", words) + ")(s|d|ed|ing)?\\b", Pattern.CASE_INSENSITIVE);
  }

  /// Names that may keep a retired word, as a call, a string or code in a document.
  private static Pattern kept(String glossary) {
    String line = glossary.lines().filter(text -> text.startsWith(KEPT)).findFirst().orElseThrow();
    return Pattern.compile(
        Pattern.compile("`(\\w+)`")
            .matcher(line)
            .results()
            .map(name -> name.group(1))
            .collect(Collectors.joining("|", "[\"`.](", ")[\"`(]")));
  }

  /// The modules of the root POM, those of its profiles too.
  private static List<String> modules() throws IOException {
    List<String> modules =
        Pattern.compile("<module>(.+)</module>")
            .matcher(Files.readString(ROOT.resolve("pom.xml")))
            .results()
            .map(module -> module.group(1))
            .toList();
    assertThat(modules).contains("core", "langchain4j", "spring", "dist", "spark");
    return modules;
  }

  private static List<Path> files(Path folder, String... endings) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    }
  }
}
