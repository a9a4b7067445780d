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
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The house rules that a machine can check: which room may know which, and what no room does.
/// `ARCHITECTURE.md` gives the reasons.
class ArchitectureTest {
  private static final String HOUSE = "org.embedllm";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(ArchitectureTest::isNotBenchmarkCode)
          .importPackages(HOUSE);

  /// What each package of the library may know of the others, one way only. The order is that of
  /// the data: text, matrix, model, tasks, artifact.
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("storage", Set.of()),
          Map.entry("linalg", Set.of()),
          Map.entry("correctness", Set.of()),
          Map.entry("tensor", Set.of("storage")),
          Map.entry("quality", Set.of("correctness")),
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
          Map.entry("forecast", Set.of("correctness", "question", "tensor")),
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
          Map.entry("routing", Set.of("correctness", "forecast", "storage", "tensor")),
          Map.entry("benchmark", Set.of("correctness", "forecast", "tensor")),
          Map.entry("probe", Set.of("benchmark", "correctness", "tensor")),
          Map.entry(
              "artifact",
              Set.of(
                  "correctness",
                  "factorization",
                  "forecast",
                  "itemresponse",
                  "kernel",
                  "linalg",
                  "logistic",
                  "modelvector",
                  "neighbors",
                  "question",
                  "storage",
                  "tensor")),
          Map.entry("onnx", Set.of("question", "storage", "tensor")));

  /// What each package of the program may know of the others. Below `web` and `gateway` packages
  /// are not told apart here; they have no circle.
  private static final Map<String, Set<String>> PROGRAM_MAY_KNOW =
      Map.ofEntries(
          Map.entry("report", Set.of()),
          Map.entry("cli", Set.of()),
          Map.entry("task", Set.of("cli")),
          Map.entry("experiment", Set.of("report")),
          Map.entry("quickstart", Set.of("cli", "report")),
          Map.entry("gateway", Set.of()),
          Map.entry("web", Set.of("cli", "experiment", "gateway", "task")),
          Map.entry(
              "command",
              Set.of("cli", "experiment", "gateway", "quickstart", "report", "task", "web")));

  @Test
  void package_ofTheProgram_knowsOnlyWhatItMay() {
    String program = HOUSE + ".app.";
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
      String room = room(origin);
      if (room.equals("app") || room.equals("gateway")) {
        continue;
      }
      assertThat(MAY_KNOW).as("a package that the rules do not name yet").containsKey(room);
      origin.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(target -> target.getPackageName().startsWith(HOUSE + "."))
          .map(ArchitectureTest::room)
          .filter(target -> !target.equals(room) && !MAY_KNOW.get(room).contains(target))
          .forEach(target ->
              tooMuch
                  .computeIfAbsent(room + " knows " + target, _ -> new TreeSet<>())
                  .add(origin.getName()));
    }
    assertThat(tooMuch).isEmpty();
  }

  @Test
  void rules_aboutPackages_haveNoCircle() {
    for (String room : MAY_KNOW.keySet()) {
      assertThat(reachable(room)).as("what %s knows, at any distance", room).doesNotContain(room);
    }
  }

  @Test
  void packages_ofTheProgram_haveNoCircle() {
    check(slices().matching(HOUSE + ".app.(**)").should().beFreeOfCycles());
    check(slices().matching(HOUSE + ".gateway.(**)").should().beFreeOfCycles());
  }

  /// A command line without the gateway's module works.
  @Test
  void gateway_isKnownByServeAndThePagesLivePartAlone() {
    check(
        noClasses()
            .that()
            .resideInAPackage(HOUSE + ".app..")
            .and()
            .haveSimpleNameNotStartingWith("GatewayRunner")
            .and()
            .haveSimpleNameNotStartingWith("GatewayRouter")
            .and()
            .haveSimpleNameNotStartingWith("LiveRoutes")
            .and()
            .haveSimpleNameNotStartingWith("ServedPage")
            .should()
            .dependOnClassesThat(are(resideInAPackage(HOUSE + ".gateway.."))));
    check(
        noClasses()
            .that()
            .resideInAPackage(HOUSE + ".gateway..")
            .should()
            .dependOnClassesThat(are(resideInAPackage(HOUSE + ".app.."))));
  }

  @Test
  void entrance_isKnownByNoRoom() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(HOUSE + ".app")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(HOUSE + ".app"));
  }

  @Test
  void library_neitherPrintsNorExits() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(HOUSE + ".app..")
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
            .resideInAPackage(HOUSE + ".app..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err"));
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(HOUSE + ".app.Main")
            .should()
            .callMethod(System.class, "exit", int.class));
  }

  /// But for the classes that set up the logs of a process.
  @Test
  void nobody_usesALoggerButSlf4j() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(HOUSE + ".gateway.observe.LogOutput")
            .and()
            .doNotHaveFullyQualifiedName(HOUSE + ".app.cli.LogSettings")
            .and()
            .doNotHaveFullyQualifiedName(HOUSE + ".app.cli.PlatformLogs")
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
            .resideInAPackage(HOUSE + ".linalg..")
            .should()
            .onlyDependOnClassesThat(
                are(
                    resideInAnyPackage(
                        "java..",
                        "jdk.incubator.vector..",
                        "org.jspecify..",
                        "org.slf4j..",
                        HOUSE + ".linalg.."))));
  }

  @Test
  void vectorModule_isUsedByKernelsAlone() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(HOUSE + ".linalg..")
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

  private static String room(JavaClass each) {
    String below = each.getPackageName().substring(HOUSE.length() + 1);
    return MAY_KNOW.containsKey(below) ? below : first(below);
  }

  private static String first(String names) {
    int dot = names.indexOf('.');
    return dot < 0 ? names : names.substring(0, dot);
  }

  private static Set<String> reachable(String room) {
    Set<String> known = new TreeSet<>();
    collect(room, known);
    return known;
  }

  private static void collect(String room, Set<String> known) {
    for (String next : MAY_KNOW.get(room)) {
      if (known.add(next)) {
        collect(next, known);
      }
    }
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
