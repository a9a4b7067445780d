package org.embedllm.app.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.Prompt;
import org.embedllm.app.task.PromptEncoder;
import org.embedllm.app.task.Prompts;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The inputs of `forecast` and `route`: a model file, and prompts from an argument, a file, or
/// standard input.
public final class PromptFlags {
  private static final int SOME = 256; // prompts that take no time worth showing

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

  @Option(
      names = "--attribute",
      paramLabel = "NAME=VALUE",
      description =
          "What is known of the prompt beside its text, such as benchmark=math; repeatable."
              + " For --file, columns or fields with the names of attributes count.")
  private Map<String, String> attributes = new LinkedHashMap<>();

  @Mixin private EncoderFlag encoder;

  /// The encoder of the prompts, which begins to load.
  public PromptEncoder encoder() {
    return new PromptEncoder(model, encoder.place(), single());
  }

  public Path model() {
    return model;
  }

  /// Whether there is exactly one prompt, given as an argument.
  public boolean single() {
    return prompt != null;
  }

  /// Refuses prompts beside an option that takes their place.
  public void requireNone(String option) {
    if (prompt != null || file != null || !attributes.isEmpty()) {
      throw BadInputException.of("give prompts or " + option + ", not both");
    }
  }

  /// The prompts with what is known of them.
  ///
  /// @param input the model, which says which attributes there are
  public List<Prompt> read(ModelInput input) throws IOException {
    if (prompt != null && file != null) {
      throw BadInputException.of("give a prompt or --file, not both");
    }
    List<String> known = input.artifact().factorization().attributes().names();
    for (String name : attributes.keySet()) {
      if (!known.contains(name)) {
        throw BadInputException.of(
            known.isEmpty()
                ? "the model knows no attributes; train it on a data set that has some"
                : "the model knows no attribute \"%s\"; it knows %s"
                    .formatted(name, String.join(", ", known)));
      }
    }
    if (prompt != null) {
      if (prompt.isBlank()) {
        throw BadInputException.of("the prompt is empty");
      }
      return List.of(new Prompt(prompt, attributes));
    }
    List<Prompt> prompts =
        file != null ? Prompts.read(file, known) : Prompts.readStandardInput(System.in, known);
    return prompts.stream().map(this::withAttributes).toList();
  }

  /// The progress of a step over many prompts, whose results are printed as it goes.
  public static Progress progress(String task, List<Prompt> prompts, Console console) {
    return prompts.size() > SOME
        ? console.progressBesideResults(task, prompts.size(), "prompts")
        : Progress.NONE;
  }

  /// What a source says of a prompt goes before what the command line says of all.
  private Prompt withAttributes(Prompt read) {
    Map<String, String> fields = new LinkedHashMap<>(attributes);
    fields.putAll(read.fields());
    return new Prompt(read.text(), fields);
  }
}
