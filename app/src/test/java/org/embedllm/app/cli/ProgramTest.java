package org.embedllm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

class ProgramTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Command(name = "greet", description = "Says hello.")
  static final class Greet implements Callable<Integer> {
    @Mixin private Console console;

    @Option(names = "--target", defaultValue = "world")
    private String target;

    @Override
    public Integer call() {
      console.warn("about to greet %s", target);
      console.line("hello, %s", target);
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("target", target);
      document.put("cost", Double.NaN);
      console.json(document);
      return ExitStatus.DONE;
    }
  }

  @Command(name = "fail", description = "Fails.")
  static final class Fail implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("UnusedVariable") // brings --verbose
    private Console console;

    private final Exception exception;

    Fail(Exception exception) {
      this.exception = exception;
    }

    @Override
    public Integer call() throws Exception {
      throw exception;
    }
  }

  private int run(Exception failure, String... arguments) {
    List<CommandEntry> commands =
        List.of(
            new CommandEntry("greet", Greet::new),
            new CommandEntry("fail", () -> new Fail(failure)));
    return new Program(commands, new PrintWriter(out), new PrintWriter(err)).run(arguments);
  }

  private int run(String... arguments) {
    return run(new IllegalStateException("not to be reached"), arguments);
  }

  @Test
  void command_withoutJson_printsTextAndNoDocument() {
    assertThat(run("greet", "--target", "Ada")).isZero();
    assertThat(out.toString()).isEqualToNormalizingNewlines("hello, Ada\n");
    assertThat(err.toString()).isEqualToNormalizingNewlines("about to greet Ada\n");
  }

  @Test
  void command_withJson_printsOneDocumentInWhichUnknownNumbersAreNull() {
    assertThat(run("greet", "--json")).isZero();
    var json = new JsonMapper();
    assertThat(json.readTree(out.toString()))
        .isEqualTo(json.readTree("{\"target\":\"world\",\"cost\":null}"));
  }

  @Test
  void unknownCommand_isWrongUsage_andSuggestsTheNearest() {
    assertThat(run("gret")).isEqualTo(ExitStatus.WRONG_USAGE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "embedllm: there is no command \"gret\"; did you mean greet? (see 'embedllm --help')\n");
  }

  @Test
  void unknownOption_isWrongUsage_andSuggestsTheNearest() {
    assertThat(run("greet", "--targt", "x")).isEqualTo(ExitStatus.WRONG_USAGE);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "embedllm: there is no option --targt; did you mean --target? (see 'embedllm greet --help')\n");
  }

  @Test
  void helpOfAnUnknownCommand_isWrongUsage_andSuggestsTheNearest() {
    assertThat(run("help", "gret")).isEqualTo(ExitStatus.WRONG_USAGE);
    assertThat(err.toString())
        .startsWith("embedllm: there is no command \"gret\"; did you mean greet?")
        .hasLineCount(1);
  }

  static List<Arguments> wrongUsages() {
    return List.of(
        Arguments.of(List.of("count"), "--to FILE and --times N are missing"),
        Arguments.of(List.of("count", "--times", "3"), "--to FILE is missing"),
        Arguments.of(
            List.of("count", "--times", "3", "--too", "x"),
            "there is no option --too; did you mean --to?"),
        Arguments.of(
            List.of("count", "--to", "x", "--times", "three"),
            "--times must be a whole number; got \"three\""),
        Arguments.of(
            List.of("count", "--to", "x", "--times", "3", "--share", "half"),
            "--share must be a number; got \"half\""),
        Arguments.of(
            List.of("count", "--to", "x", "--times", "3", "--sizes", "1,b"),
            "--sizes must be a whole number; got \"b\""),
        Arguments.of(
            List.of("count", "--to", "x", "--times", "3", "sheep"),
            "\"sheep\" is one argument too many"));
  }

  @Command(name = "count", description = "Counts.")
  static final class Count implements Callable<Integer> {
    @Option(names = "--to", required = true, paramLabel = "FILE")
    private Path to = Path.of("");

    @Option(names = "--times", required = true, paramLabel = "N")
    private int times;

    @Option(names = "--share", paramLabel = "P")
    private double share;

    @Option(names = "--sizes", split = ",", paramLabel = "N")
    private List<Integer> sizes = List.of();

    @Override
    public Integer call() {
      throw new IllegalStateException(
          "not to be reached with %s %d %f %s".formatted(to, times, share, sizes));
    }
  }

  @ParameterizedTest
  @MethodSource("wrongUsages")
  void wrongUsage_isOneLineThatSaysWhatToDo(List<String> arguments, String problem) {
    List<CommandEntry> commands = List.of(new CommandEntry("count", Count::new));
    int status =
        new Program(commands, new PrintWriter(out), new PrintWriter(err))
            .run(arguments.toArray(new String[0]));
    assertThat(status).isEqualTo(ExitStatus.WRONG_USAGE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualToNormalizingNewlines("embedllm: " + problem + " (see 'embedllm count --help')\n");
  }

  @Test
  void failure_thatQuotesAHugeValue_keepsItsBeginningAndItsRemedy() {
    run(BadInputException.of("got \"" + "9".repeat(100_000) + "\"; use a number"), "fail");
    assertThat(err.toString())
        .hasSizeLessThan(1_300)
        .startsWith("embedllm: got \"999")
        .contains("9 … 9")
        .endsWith("\"; use a number" + System.lineSeparator());
  }

  @Test
  void nothing_isWrongUsage_andShowsTheCommands() {
    assertThat(run()).isEqualTo(ExitStatus.WRONG_USAGE);
    assertThat(out.toString()).contains("greet").contains("Says hello.");
  }

  @Test
  void help_ofTheProgramAndOfACommand_isDone() {
    assertThat(run("help", "greet")).isZero();
    assertThat(out.toString()).contains("--target");
    assertThat(run("greet", "--help")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "-hV", "--version --help", "-V -h"})
  void helpOfTheProgram_saysWhatItIs_andShowsTheCommands(String arguments) {
    assertThat(run(arguments.split(" "))).isZero();
    assertThat(out.toString())
        .contains("Usage: embedllm [-hV] COMMAND")
        .contains("One compact vector per language model")
        .contains("-h, --help      Show this help message and exit.")
        .contains("-V, --version   Print version information and exit.")
        .contains("Says hello.")
        .contains("Start with 'embedllm quickstart'")
        .contains("Exit status: 0 done");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V", "--version extra", "--version greet"})
  void version_isThatOfTheProgram(String arguments) {
    assertThat(run(arguments.split(" "))).isZero();
    assertThat(out.toString()).startsWith("embedllm ").contains("Java 25").doesNotContain("Usage");
  }

  static List<Arguments> failures() {
    Path file = Path.of("train.csv");
    return List.of(
        Arguments.of(
            BadInputException.at(file, 812, "label must be 0 or 1; got \"yes\""),
            2,
            "embedllm: train.csv:812: label must be 0 or 1; got \"yes\""),
        Arguments.of(
            new NoSuchFileException("a.csv"), 2, "embedllm: a.csv: no such file or directory"),
        Arguments.of(new AccessDeniedException("a.csv"), 2, "embedllm: a.csv: permission denied"),
        Arguments.of(
            new UncheckedIOException(new IOException("No space left on device")),
            2,
            "embedllm: the disk is full: No space left on device"),
        Arguments.of(new IOException("the line\nbroke"), 1, "embedllm: the line broke"),
        Arguments.of(
            new CompletionException(BadInputException.of("k must be positive; got 0")),
            2,
            "embedllm: k must be positive; got 0"),
        Arguments.of(new InterruptedException(), 130, "embedllm: interrupted"),
        Arguments.of(
            new IllegalStateException("odd"),
            1,
            "embedllm: failed: java.lang.IllegalStateException: odd (--verbose shows where)"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failure_isOneLineAndAStatus(Exception failure, int status, String line) {
    assertThat(run(failure, "fail")).isEqualTo(status);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).isEqualToNormalizingNewlines(line + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Java heap space | out of memory: the heap may grow to | -Xmx
          GC overhead limit exceeded | out of memory: the heap may grow to | -Xmx
          unable to create native thread: possibly out of memory or process/resource limits reached | no more threads can be started | ulimit -u
          Requested array size exceeds VM limit | an array would need more than 2 billion values | fewer models or questions
          """)
  void endOfMemory_isSaidWithWhatHelps(String said, String problem, String remedy) {
    Errors.Verdict verdict = Errors.verdict(new OutOfMemoryError(said));

    assertThat(verdict.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(verdict.message()).startsWith(problem).contains(remedy);
    assertThat(verdict.message().contains("-Xmx")).isEqualTo(remedy.equals("-Xmx"));
  }

  @Test
  void errorOfTheMachine_isOneLineToo() {
    List<CommandEntry> commands =
        List.of(
            new CommandEntry(
                "fail",
                () -> {
                  throw new OutOfMemoryError("heap");
                }));
    int status = new Program(commands, new PrintWriter(out), new PrintWriter(err)).run("fail");
    assertThat(status).isEqualTo(ExitStatus.FAILED);
    assertThat(err.toString()).startsWith("embedllm: out of memory").hasLineCount(1);
  }

  @Test
  void failure_verbose_showsWhereItCameFrom() {
    run(BadInputException.of("wrong"), "fail", "--verbose");
    assertThat(err.toString()).startsWith("embedllm: wrong").contains("\tat ");
  }
}
