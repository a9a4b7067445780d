package org.embedllm.app.quickstart;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.cli.Console;

/// Makes a small trained model for demonstrations.
@FunctionalInterface
public interface DemoModel {
  /// A model of the sample with its prices.
  ///
  /// @param file the model file
  /// @param prices of the models that are offered: the largest of each family, which differ in what
  ///   they are good at
  /// @param world what clients ask, and who would be right
  record Made(Path file, List<Priced> prices, SimulatedWorld world) {
    public Made {
      prices = List.copyOf(prices);
    }
  }

  /// @param model its name
  /// @param input USD per million prompt tokens
  /// @param output USD per million answer tokens
  record Priced(String model, double input, double output) {}

  /// Makes it, or reuses an existing one.
  ///
  /// @param folder where it is kept
  /// @param console shows the progress
  Made make(Path folder, Console console) throws IOException;
}
