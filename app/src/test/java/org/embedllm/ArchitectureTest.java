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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The rules that bytecode can show: which package may depend on which, and what no package does.
/// `ARCHITECTURE.md` gives the reasons.
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
          Map.entry("scoring", Set.of("correctness", "storage")),
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
          Map.entry(
              "neighbors",
              Set.of("correctness", "forecast", "linalg", "question", "storage", "tensor")),
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
          Map.entry("facts", Set.of("correctness", "itemresponse", "linalg", "storage", "tensor")),
          Map.entry("benchmark", Set.of("correctness", "forecast", "linalg", "tensor")),
          Map.entry("probe", Set.of("benchmark", "correctness", "tensor")),
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
                  "forecast",
                  "ingest",
                  "kernel",
                  "question",
                  "routing",
                  "storage",
                  "tensor",
                  "usage",
                  "votes")),
          Map.entry(
              "langchain4j", Set.of("client", "correctness", "question", "routing", "tensor")),
          Map.entry("spring", Set.of("client", "correctness", "question", "routing", "storage")),
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
          Map.entry("web", Set.of("cli", "experiment", "replay", "task")),
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

  @Test
  void package_ofTheProgram_knowsOnlyWhatItMay() {
    String program = ROOT + ".app.";
    Map<String, Set<String>> tooMuch = new TreeMap<>();
    for (JavaClass origin : CLASSES) {
      if (!origin.getPackageName().startsWith(program)) {
        continue;
      }
      String from = first(origin.getPackageName().substring(program.length()));
      assertThat(PROGRAM_MAY_KNOW).as("a package that the rules do not name yet").containsKey(from);
      origin.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType().getPackageName())
          .filter(target -> target.startsWith(program))
          .map(target -> first(target.substring(program.length())))
          .filter(target -> !target.equals(from) && !PROGRAM_MAY_KNOW.get(from).contains(target))
          .forEach(target ->
              tooMuch
                  .computeIfAbsent(from + " knows " + target, _ -> new TreeSet<>())
                  .add(origin.getName()));
    }
    assertThat(tooMuch).isEmpty();
  }

  @Test
  void package_ofTheLibrary_knowsOnlyWhatItMay() {
    Map<String, Set<String>> tooMuch = new TreeMap<>();
    for (JavaClass origin : CLASSES) {
      String name = packageOf(origin);
      if (name.equals("app") || name.equals("gateway")) {
        continue;
      }
      assertThat(MAY_KNOW).as("a package that the rules do not name yet").containsKey(name);
      origin.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(target -> target.getPackageName().startsWith(ROOT + "."))
          .map(ArchitectureTest::packageOf)
          .filter(target -> !target.equals(name) && !MAY_KNOW.get(name).contains(target))
          .forEach(target ->
              tooMuch
                  .computeIfAbsent(name + " knows " + target, _ -> new TreeSet<>())
                  .add(origin.getName()));
    }
    assertThat(tooMuch).isEmpty();
  }

  @Test
  void rules_aboutPackages_haveNoCycle() {
    for (String name : MAY_KNOW.keySet()) {
      assertThat(reachable(name)).as("what %s knows, at any distance", name).doesNotContain(name);
    }
  }

  /// The tables of ARCHITECTURE.md have the same rows as the rules above.
  @Test
  void document_hasTheSameRulesAsThisTest() throws IOException {
    Map<String, Set<String>> library = new TreeMap<>();
    Map<String, Set<String>> program = new TreeMap<>();
    var row = Pattern.compile("\\| `([a-z0-9.]+)` \\| [^|]+ \\| ([^|]+) \\|");
    for (String line : Files.readAllLines(Path.of("../ARCHITECTURE.md"))) {
      Matcher matcher = row.matcher(line);
      if (matcher.matches()) {
        String name = matcher.group(1);
        Set<String> others =
            matcher.group(2).equals("–") ? Set.of() : Set.of(matcher.group(2).split(", "));
        if (name.startsWith("app.")) {
          program.put(name.substring("app.".length()), others);
        } else {
          library.put(name, others);
        }
      }
    }
    assertThat(library).isEqualTo(MAY_KNOW);
    assertThat(program).isEqualTo(PROGRAM_MAY_KNOW);
  }

  @Test
  void document_namesThePackagesOfTheGateway() throws IOException {
    Set<String> named = new TreeSet<>();
    var row = Pattern.compile("\\| `(gateway(?:\\.[a-z]+)?)` \\| [^|]+ \\|");
    for (String line : Files.readAllLines(Path.of("../ARCHITECTURE.md"))) {
      Matcher matcher = row.matcher(line);
      if (matcher.matches()) {
        named.add(matcher.group(1));
      }
    }
    Set<String> packages = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      if (each.getPackageName().startsWith(ROOT + ".gateway")) {
        packages.add(each.getPackageName().substring(ROOT.length() + 1));
      }
    }
    assertThat(named).isEqualTo(packages);
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
                        "ch.qos.logback.."))));
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

  private static String packageOf(JavaClass each) {
    String below = each.getPackageName().substring(ROOT.length() + 1);
    return MAY_KNOW.containsKey(below) ? below : first(below);
  }

  private static String first(String names) {
    int dot = names.indexOf('.');
    return dot < 0 ? names : names.substring(0, dot);
  }

  private static Set<String> reachable(String name) {
    Set<String> known = new TreeSet<>();
    collect(name, known);
    return known;
  }

  private static void collect(String name, Set<String> known) {
    for (String next : MAY_KNOW.get(name)) {
      if (known.add(next)) {
        collect(next, known);
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
