package org.embedllm;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.core.importer.Locations;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The rules that bytecode can show: which package may depend on which, and what no package does.
/// `ARCHITECTURE.md` gives the reasons.
@Tag("seconds")
class ArchitectureTest {
  private static final String ROOT = "org.embedllm";
  private static final int MOST_FILES = 30;

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(ArchitectureTest::isNotBenchmarkCode)
          .importLocations(locations());

  /// The packages of the library and what they may depend on, one way only. The order is that of
  /// the data: text, matrix, model, tasks, artifact.
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("storage", Set.of()),
          Map.entry("linalg", Set.of()),
          Map.entry("correctness", Set.of("storage")),
          Map.entry("tensor", Set.of("storage")),
          Map.entry("quality", Set.of("correctness", "itemresponse")),
          Map.entry("scoring", Set.of("correctness", "forecast", "storage")),
          Map.entry("offpolicy", Set.of("forecast", "linalg")),
          Map.entry("source.file", Set.of("storage")),
          Map.entry("source", Set.of("correctness", "source.file", "storage")),
          Map.entry("source.harness", Set.of("correctness", "source", "source.file", "storage")),
          Map.entry("source.lmeval", Set.of("correctness", "source", "source.file", "storage")),
          Map.entry("source.table", Set.of("correctness", "source", "source.file", "storage")),
          Map.entry("dataset", Set.of("correctness", "source", "source.file", "storage", "tensor")),
          Map.entry(
              "ingest",
              Set.of(
                  "correctness",
                  "dataset",
                  "quality",
                  "source",
                  "source.file",
                  "source.harness",
                  "source.lmeval",
                  "source.table",
                  "storage")),
          Map.entry("question", Set.of("correctness", "storage", "tensor")),
          Map.entry("forecast", Set.of("correctness", "linalg", "question", "tensor")),
          Map.entry(
              "factorization",
              Set.of("correctness", "forecast", "linalg", "question", "storage", "tensor")),
          Map.entry("logistic", Set.of("linalg")),
          Map.entry("itemresponse", Set.of("correctness", "linalg", "logistic", "tensor")),
          Map.entry(
              "modelvector",
              Set.of("factorization", "itemresponse", "linalg", "logistic", "tensor")),
          Map.entry(
              "kernel",
              Set.of(
                  "correctness",
                  "factorization",
                  "forecast",
                  "itemresponse",
                  "linalg",
                  "logistic",
                  "modelvector",
                  "question",
                  "tensor")),
          Map.entry("neighbors", Set.of("correctness", "forecast", "linalg", "question", "tensor")),
          Map.entry(
              "routing", Set.of("correctness", "forecast", "linalg", "storage", "tensor", "usage")),
          Map.entry(
              "usage",
              Set.of("correctness", "factorization", "forecast", "kernel", "linalg", "tensor")),
          Map.entry(
              "votes",
              Set.of(
                  "correctness",
                  "factorization",
                  "kernel",
                  "linalg",
                  "logistic",
                  "question",
                  "storage",
                  "tensor")),
          Map.entry(
              "facts",
              Set.of(
                  "correctness",
                  "dataset",
                  "itemresponse",
                  "linalg",
                  "question",
                  "source.file",
                  "storage",
                  "tensor")),
          Map.entry("benchmark", Set.of("correctness", "linalg", "tensor")),
          Map.entry("probe", Set.of("benchmark", "correctness", "linalg", "tensor")),
          Map.entry(
              "artifact",
              Set.of(
                  "correctness",
                  "factorization",
                  "facts",
                  "forecast",
                  "itemresponse",
                  "kernel",
                  "linalg",
                  "logistic",
                  "modelvector",
                  "neighbors",
                  "question",
                  "storage",
                  "tensor",
                  "usage",
                  "votes")),
          Map.entry(
              "client",
              Set.of(
                  "artifact",
                  "correctness",
                  "dataset",
                  "factorization",
                  "facts",
                  "forecast",
                  "ingest",
                  "itemresponse",
                  "kernel",
                  "logistic",
                  "question",
                  "routing",
                  "storage",
                  "tensor",
                  "usage",
                  "votes")),
          Map.entry(
              "langchain4j",
              Set.of("client", "correctness", "forecast", "question", "routing", "tensor")),
          Map.entry(
              "spring",
              Set.of("client", "correctness", "forecast", "question", "routing", "storage")),
          Map.entry(
              "spark",
              Set.of(
                  "artifact",
                  "correctness",
                  "dataset",
                  "factorization",
                  "forecast",
                  "ingest",
                  "itemresponse",
                  "kernel",
                  "logistic",
                  "onnx",
                  "question",
                  "routing",
                  "source",
                  "source.file",
                  "storage",
                  "tensor",
                  "usage")),
          Map.entry("onnx", Set.of("question", "storage", "tensor")));

  /// The packages of the program and what they may depend on. Packages below `web` and `experiment`
  /// are not distinguished here; they have no cycle.
  private static final Map<String, Set<String>> PROGRAM_MAY_KNOW =
      Map.ofEntries(
          Map.entry("report", Set.of()),
          Map.entry("cli", Set.of()),
          Map.entry("summary", Set.of("cli")),
          Map.entry("task", Set.of("cli")),
          Map.entry("ask", Set.of("cli", "quickstart", "task")),
          Map.entry("replay", Set.of("cli", "report", "task")),
          Map.entry("option", Set.of("cli", "task")),
          Map.entry("experiment", Set.of("report")),
          Map.entry("quickstart", Set.of("cli", "report", "web")),
          Map.entry("web", Set.of("cli", "experiment", "replay", "report", "task")),
          Map.entry(
              "command",
              Set.of(
                  "cli",
                  "experiment",
                  "option",
                  "quickstart",
                  "report",
                  "summary",
                  "task",
                  "web")));

  /// The packages of the gateway and what they may depend on, its own one under its whole name.
  private static final Map<String, Set<String>> GATEWAY_MAY_KNOW =
      Map.ofEntries(
          Map.entry(
              "gateway",
              Set.of(
                  "access",
                  "api",
                  "config",
                  "decide",
                  "observe",
                  "openai",
                  "rollout",
                  "store",
                  "upstream")),
          Map.entry("access", Set.of("config", "openai")),
          Map.entry("anthropic", Set.of("openai")),
          Map.entry(
              "api",
              Set.of(
                  "access",
                  "anthropic",
                  "cache",
                  "config",
                  "decide",
                  "observe",
                  "openai",
                  "pacing",
                  "responses",
                  "rollout",
                  "server",
                  "shadow",
                  "store",
                  "upstream")),
          Map.entry("cache", Set.of("access", "config", "openai")),
          Map.entry("config", Set.of("openai")),
          Map.entry(
              "decide",
              Set.of("access", "cache", "config", "openai", "pacing", "rollout", "upstream")),
          Map.entry("demo", Set.of("openai")),
          Map.entry("observe", Set.of("config", "decide", "openai", "rollout")),
          Map.entry("openai", Set.of()),
          Map.entry("pacing", Set.of()),
          Map.entry("responses", Set.of("cache", "openai")),
          Map.entry("rollout", Set.of("cache", "config", "openai")),
          Map.entry("server", Set.of("anthropic", "config", "openai", "upstream")),
          Map.entry("shadow", Set.of("config", "decide", "openai", "upstream")),
          Map.entry(
              "store",
              Set.of(
                  "access",
                  "config",
                  "observe",
                  "openai",
                  "pacing",
                  "responses",
                  "rollout",
                  "shadow")),
          Map.entry("upstream", Set.of("access", "anthropic", "config", "openai", "responses")));

  /// A part of the code, its packages and what they may depend on.
  ///
  /// @param rules what each package may know
  /// @param name of a package in the rules, from its name below the root; empty outside of the part
  record Part(Map<String, Set<String>> rules, Function<String, Optional<String>> name) {
    private Optional<String> of(JavaClass each) {
      String full = each.getPackageName();
      return full.startsWith(ROOT + ".")
          ? name.apply(full.substring(ROOT.length() + 1))
          : Optional.empty();
    }

    /// Who depends on whom, with the classes that do.
    private Map<String, Map<String, Set<String>>> arrows() {
      Map<String, Map<String, Set<String>>> arrows = new TreeMap<>();
      for (JavaClass origin : CLASSES) {
        of(origin)
            .ifPresent(from -> {
              Map<String, Set<String>> known = arrows.computeIfAbsent(from, _ -> new TreeMap<>());
              origin.getDirectDependenciesFromSelf().stream()
                  .flatMap(
                      dependency -> of(dependency.getTargetClass().getBaseComponentType()).stream())
                  .filter(target -> !target.equals(from))
                  .forEach(target ->
                      known.computeIfAbsent(target, _ -> new TreeSet<>()).add(origin.getName()));
            });
      }
      return arrows;
    }
  }

  static Stream<Part> parts() {
    return Stream.of(
        new Part(
            MAY_KNOW,
            below ->
                first(below).equals("app") || first(below).equals("gateway")
                    ? Optional.empty()
                    : Optional.of(MAY_KNOW.containsKey(below) ? below : first(below))),
        new Part(PROGRAM_MAY_KNOW, below -> belowOf("app", below)),
        new Part(
            GATEWAY_MAY_KNOW,
            below -> below.equals("gateway") ? Optional.of(below) : belowOf("gateway", below)));
  }

  private static Optional<String> belowOf(String part, String name) {
    return name.startsWith(part + ".")
        ? Optional.of(first(name.substring(part.length() + 1)))
        : Optional.empty();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void package_knowsOnlyWhatItMay(Part part) {
    Map<String, Set<String>> tooMuch = new TreeMap<>();
    part.arrows()
        .forEach((from, known) -> {
          assertThat(part.rules()).as("a package that the rules do not name yet").containsKey(from);
          known.forEach((target, classes) -> {
            if (!part.rules().get(from).contains(target)) {
              tooMuch.put(from + " knows " + target, classes);
            }
          });
        });
    assertThat(tooMuch).isEmpty();
  }

  /// The compiler copies constants, so that bytecode does not show where they are from.
  private static final Set<String> CONSTANTS_ALONE =
      Set.of("forecast does not use linalg", "routing does not use linalg");

  /// Where the module of a package is built.
  @ParameterizedTest
  @MethodSource("parts")
  void package_usesAllThatItMayKnow(Part part) {
    Set<String> unused = new TreeSet<>();
    part.arrows()
        .forEach((from, known) -> {
          Set<String> left = new TreeSet<>(part.rules().getOrDefault(from, Set.of()));
          left.removeAll(known.keySet());
          left.forEach(target -> unused.add(from + " does not use " + target));
        });
    unused.removeAll(CONSTANTS_ALONE);
    assertThat(unused).isEmpty();
  }

  @Test
  void rules_aboutPackages_haveNoCycle() {
    parts()
        .map(Part::rules)
        .forEach(rules -> {
          for (String name : rules.keySet()) {
            assertThat(reachable(rules, name))
                .as("what %s knows, at any distance", name)
                .doesNotContain(name);
          }
        });
  }

  /// The tables of ARCHITECTURE.md have the same rows as the rules above.
  @Test
  void document_hasTheSameRulesAsThisTest() throws IOException {
    Map<String, Set<String>> library = new TreeMap<>();
    Map<String, Set<String>> program = new TreeMap<>();
    Map<String, Set<String>> gateway = new TreeMap<>();
    var row = Pattern.compile("\\| `([a-z0-9.]+)` \\| [^|]+ \\| ([^|]+) \\|");
    for (String line : Files.readAllLines(Path.of("../ARCHITECTURE.md"))) {
      Matcher matcher = row.matcher(line);
      if (matcher.matches()) {
        String name = matcher.group(1);
        Set<String> others =
            matcher.group(2).equals("–") ? Set.of() : Set.of(matcher.group(2).split(", "));
        if (name.startsWith("app.")) {
          program.put(name.substring("app.".length()), others);
        } else if (first(name).equals("gateway")) {
          gateway.put(belowOf("gateway", name).orElse(name), others);
        } else {
          library.put(name, others);
        }
      }
    }
    assertThat(library).isEqualTo(MAY_KNOW);
    assertThat(program).isEqualTo(PROGRAM_MAY_KNOW);
    assertThat(gateway).isEqualTo(GATEWAY_MAY_KNOW);
  }

  @Test
  void document_namesTheModulesOfTheBuild() throws IOException {
    Set<String> named = new TreeSet<>();
    var row = Pattern.compile("\\| `([a-z0-9]+)` \\|[^|]+\\|[^|]+\\| (21|25|–) \\|");
    for (String line : Files.readAllLines(Path.of("../ARCHITECTURE.md"))) {
      Matcher matcher = row.matcher(line);
      if (matcher.matches()) {
        named.add(matcher.group(1));
      }
    }
    Set<String> modules =
        Pattern.compile("<module>(.+)</module>")
            .matcher(Files.readString(Path.of("../pom.xml")))
            .results()
            .map(module -> module.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(named).isEqualTo(modules);
  }

  /// A package above this has more than one concept.
  @Test
  void package_hasAtMostThirtyFiles() {
    Map<String, Set<String>> files = new TreeMap<>();
    for (JavaClass each : CLASSES) {
      each.getSource()
          .flatMap(source -> source.getFileName())
          .ifPresent(
              file -> files.computeIfAbsent(each.getPackageName(), _ -> new TreeSet<>()).add(file));
    }
    files.values().removeIf(each -> each.size() <= MOST_FILES);
    assertThat(files).isEmpty();
  }

  @Test
  void packages_ofTheProgram_haveNoCycle() {
    check(slices().matching(ROOT + ".app.(**)").should().beFreeOfCycles());
    check(slices().matching(ROOT + ".gateway.(**)").should().beFreeOfCycles());
  }

  /// A command line without the gateway's module works.
  @Test
  void gateway_isKnownByServeAndThePagesLivePartAlone() {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".app..")
            .and()
            .haveNameNotMatching(
                ".*\\.(GatewayRunner|GatewayDemo|GatewayRouter|GatewayUpstreams|StoredDecisions|StoredTraffic|KeyRunner|LiveRoutes|LiveTraffic|ServedPage)(\\$.*)?")
            .should()
            .dependOnClassesThat(are(resideInAPackage(ROOT + ".gateway.."))));
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".gateway..")
            .should()
            .dependOnClassesThat(are(resideInAPackage(ROOT + ".app.."))));
  }

  @Test
  void entryPoint_isKnownByNoPackage() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".app")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + ".app"));
  }

  @Test
  void library_neitherPrintsNorExits() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".app..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".spark.EmbedLlmJob")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Throwable.class, "printStackTrace"));
  }

  @Test
  void program_printsThroughItsConsole_andExitsInMainOnly() {
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".app..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"));
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".app.Main")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".spark.EmbedLlmJob")
            .should()
            .callMethod(System.class, "exit", int.class));
  }

  /// But for the classes that set up the logs of a process.
  @Test
  void nobody_usesALoggerButSlf4j() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".gateway.observe.LogOutput")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".gateway.observe.LogOutput$PrintableLines")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".app.cli.LogSettings$PrintableLines")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".app.cli.LogSettings")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".app.cli.PlatformLogs")
            .should()
            .dependOnClassesThat(
                are(
                    resideInAnyPackage(
                        "java.util.logging..",
                        "org.apache.logging..",
                        "org.apache.commons.logging..",
                        "ch.qos.logback..")))
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.System$Logger"));
  }

  @Test
  void kernels_useThePlatformAlone() {
    check(
        classes()
            .that()
            .resideInAPackage(ROOT + ".linalg..")
            .should()
            .onlyDependOnClassesThat(
                are(
                    resideInAnyPackage(
                        "java..",
                        "jdk.incubator.vector..",
                        "org.jspecify..",
                        "org.slf4j..",
                        ROOT + ".linalg.."))));
  }

  @Test
  void vectorModule_isUsedByKernelsAlone() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".linalg..")
            .should()
            .dependOnClassesThat(are(resideInAPackage("jdk.incubator.vector.."))));
  }

  @Test
  void state_isNeverStaticAndMutable() {
    check(
        fields()
            .that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat(are(writtenByHand()))
            .should()
            .beFinal());
  }

  @Test
  void name_saysWhatAClassIs() {
    check(
        noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl"));
  }

  @Test
  void package_isNullMarked() {
    Set<String> unmarked = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      if (!each.getPackage().isAnnotatedWith(NullMarked.class)) {
        unmarked.add(each.getPackageName());
      }
    }
    assertThat(unmarked).isEmpty();
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  private static String first(String names) {
    int dot = names.indexOf('.');
    return dot < 0 ? names : names.substring(0, dot);
  }

  private static Set<String> reachable(Map<String, Set<String>> rules, String name) {
    Set<String> known = new TreeSet<>();
    collect(rules, name, known);
    return known;
  }

  private static void collect(Map<String, Set<String>> rules, String name, Set<String> known) {
    for (String next : rules.get(name)) {
      if (known.add(next)) {
        collect(rules, next, known);
      }
    }
  }

  /// What the program runs with, and the adapters, which it does not know.
  private static Set<Location> locations() {
    Set<Location> locations = new HashSet<>(Locations.ofPackage(ROOT));
    for (String adapter : List.of("langchain4j", "spring", "spark")) {
      Path classes = Path.of("..", adapter, "target", "classes").toAbsolutePath();
      if (Files.isDirectory(classes)) { // not where only some modules are built
        locations.add(Location.of(classes));
      }
    }
    return locations;
  }

  private static boolean isNotBenchmarkCode(Location location) {
    return !location.contains("/benchmarks/") && !location.contains("/examples/");
  }

  private static DescribedPredicate<JavaClass> writtenByHand() {
    return DescribedPredicate.describe(
        "are written by hand",
        each -> !each.getModifiers().contains(JavaModifier.SYNTHETIC) && !each.isEnum());
  }
}
