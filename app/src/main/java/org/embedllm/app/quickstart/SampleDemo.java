package org.embedllm.app.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.Console;
import org.embedllm.storage.BadInputException;

/// The simulated sample, smaller than the quickstart's, trained for `serve --demo`.
public final class SampleDemo implements DemoModel {
  private static final int QUESTIONS_PER_SKILL = 60;
  private static final long SEED = 2025;

  private final Supplier<List<CommandEntry>> commands;

  /// @param commands among them import, encode and train
  public SampleDemo(Supplier<List<CommandEntry>> commands) {
    this.commands = commands;
  }

  @Override
  public Made make(Path folder, Console console) throws IOException {
    Path model = folder.resolve("model.safetensors");
    if (!Files.exists(model)) {
      train(folder, model, console);
    }
    Map<String, Priced> largest = new LinkedHashMap<>();
    for (SimulatedModel m : SimulatedPool.generate(SEED + 1)) {
      largest.merge(
          SimulatedPool.familyOf(m.name()),
          new Priced(m.name(), m.inputPrice(), m.outputPrice()),
          (one, other) -> one.output() >= other.output() ? one : other);
    }
    List<Priced> prices = List.copyOf(largest.values());
    return new Made(model, prices, new SimulatedWorld(QUESTIONS_PER_SKILL, SEED));
  }

  private void train(Path folder, Path model, Console console) throws IOException {
    console.warn("training a model on the simulated sample, once, in %s", folder);
    Path sample = folder.resolve("sample");
    Files.createDirectories(sample);
    var written = SampleFiles.write(sample, QUESTIONS_PER_SKILL, SEED);
    console.warn("%,d simulated answers of %d models", written.answers(), written.models());
    String data = folder.resolve("data").toString();
    String responses = sample.resolve(SampleFiles.RESPONSES).toString();
    CommandSession session = new CommandSession(commands.get(), console);
    try {
      session.ask("import", responses, "--to", data, "--split", "80/10/10", "--force");
      session.ask("encode", data);
      session.ask("train", data, "--to", model.toString(), "--fresh");
    } catch (CommandSession.StepFailed e) {
      throw BadInputException.of("the demonstration's model could not be trained");
    }
  }
}
