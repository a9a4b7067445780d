package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.task.Prompts;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The inputs of `forecast` and `route`: a model file, and prompts from an argument, a file, or
/// standard input.
final class PromptFlags {
  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PROMPT",
      description = "The prompt; without it and without --file, standard input is read.")
  private @Nullable String prompt;

  @Option(
      names = "--file",
      paramLabel = "F",
      description =
          "Prompts: text (one a line), .csv with a column prompt, or .jsonl with strings or objects"
              + " that have a \"prompt\".")
  private @Nullable Path file;

  Path model() {
    return model;
  }

  /// Whether there is exactly one prompt, given as an argument.
  boolean single() {
    return prompt != null;
  }

  List<String> read() throws IOException {
    if (prompt != null && file != null) {
      throw BadInputException.of("give a prompt or --file, not both");
    }
    if (prompt != null) {
      if (prompt.isBlank()) {
        throw BadInputException.of("the prompt is empty");
      }
      return List.of(prompt);
    }
    return file != null ? Prompts.read(file) : Prompts.readStandardInput(System.in);
  }
}
