package org.embedllm.app.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Jazzer on every target, guided by the code that its inputs reach: `mvn -Pslow
/// -Dembedllm.fuzz.minutes=60 verify`. It stops at the first fault of a target and shows the bytes.
/// What it learned goes into the corpus, and the counts into `target/fuzz-report.txt`.
@Tag("slow")
@Tag("process")
class JazzerTest {
  private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs in (\\d+) second");
  private static final Path REPORT = Path.of("target", "fuzz-report.txt");

  /// Of all targets together.
  private static final int MINUTES = Integer.getInteger("embedllm.fuzz.minutes", 5);

  /// Names of some targets; all where it is empty.
  private static final Set<String> CHOSEN =
      Set.of(System.getProperty("embedllm.fuzz.targets", "").split(",", -1));

  @TempDir private Path folder;

  static Stream<FuzzTarget> targets() {
    List<FuzzTarget> all = FuzzTargets.all();
    List<FuzzTarget> chosen =
        all.stream().filter(target -> CHOSEN.contains(target.name())).toList();
    return (chosen.isEmpty() ? all : chosen).stream();
  }

  @BeforeAll
  static void jazzer_isOnTheClassPath() {
    Assumptions.assumeTrue(
        System.getProperty("java.class.path").contains("jazzer"),
        "Jazzer is on the class path with -Pslow only");
  }

  @ParameterizedTest
  @MethodSource("targets")
  void reader_ofInputsThatReachNewCode_givesAResultOrAnErrorForTheUser(FuzzTarget target)
      throws Exception {
    Path inputs = Files.createDirectory(folder.resolve("inputs"));
    Corpus.unpack(target, inputs);
    long seconds = Math.max(10, MINUTES * 60L / targets().count());
    String said = jazzer(target, "-max_total_time=" + seconds, inputs.toString());
    Matcher done = RUNS.matcher(said);
    assertThat(done.find()).as(end(said)).isTrue();
    int kept = Corpus.keep(target, inputs);
    Files.writeString(
        REPORT,
        "%s\t%s inputs\t%s s\t%d kept%n".formatted(target, done.group(1), done.group(2), kept),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private String jazzer(FuzzTarget target, String... arguments) throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-D" + JazzerEntry.TARGET + "=" + target.name(),
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + JazzerEntry.class.getName(),
                "--instrumentation_includes=org.embedllm.**",
                "--custom_hook_includes=org.embedllm.**",
                // Its check of SQL fails itself on DuckDB's statements; the page is on this
                // machine.
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.SqlInjection:com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-timeout=300",
                "-rss_limit_mb=4000"));
    command.addAll(List.of(arguments));
    Path said = folder.resolve("said.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    int status = process.waitFor();
    String text = Files.readString(said, StandardCharsets.ISO_8859_1);
    assertThat(status).as("%s: %s", target, end(text)).isZero();
    return text;
  }

  private static String end(String text) {
    return text.substring(Math.max(0, text.length() - 12_000));
  }
}
