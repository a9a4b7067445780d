package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.stream.Stream;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Program;
import org.embedllm.app.cli.Terminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new Program(Commands.ALL, new PrintWriter(out), new PrintWriter(err)).run(arguments);
  }

  static Stream<String> names() {
    return Commands.ALL.stream().map(CommandEntry::name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void command_hasTheNameItIsListedUnder_andExplainsItself(String name) {
    CommandEntry entry =
        Commands.ALL.stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
    assertThat(new CommandLine(entry.create().get()).getCommandName()).isEqualTo(name);
    assertThat(run(name, "--help")).isEqualTo(ExitStatus.DONE);
    assertThat(out.toString()).contains("Usage: embedllm " + name).contains("--json", "--verbose");
  }

  @ParameterizedTest
  @MethodSource("names")
  void help_ofEachCommand_fitsEightyColumnsAndBreaksNoWord(String name) {
    List<String> lines = help(80, name).lines().toList();
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    assertThat(words(help(80, name))).isEqualTo(words(help(160, name)));
  }

  /// Help as wide as asked for, whatever the terminal of the tests.
  private static String help(int columns, String name) {
    StringWriter text = new StringWriter();
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Terminal terminal = new Terminal(columns, false);
    assertThat(
            new Program(Commands.ALL, new PrintWriter(text), nowhere, terminal).run(name, "--help"))
        .isEqualTo(ExitStatus.DONE);
    return text.toString();
  }

  private static List<String> words(String text) {
    return List.of(text.replace(" \\\n", " ").trim().split("\\s+"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void command_withAnUnknownOption_isWrongUsage(String name) {
    assertThat(run(name, "--no-such-option")).isEqualTo(ExitStatus.WRONG_USAGE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).startsWith("embedllm: ").doesNotContain("\tat ");
  }

  @Test
  void program_listsTheCommandsOfTheMainJob() {
    run("--help");
    assertThat(out.toString())
        .contains("quickstart", "import", "encode", "train", "evaluate", "forecast", "route")
        .doesNotContain("rehearse");
  }

  @Test
  void mainJob_inSmall_runsThrough() {
    assertThat(run("rehearse")).as(err::toString).isEqualTo(ExitStatus.DONE);
    assertThat(out.toString()).isEmpty();
  }
}
