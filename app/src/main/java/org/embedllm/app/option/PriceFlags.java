package org.embedllm.app.option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Suggestion;
import org.embedllm.app.task.ModelInput;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ModelPrices;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Prices on the command line.
public final class PriceFlags {
  private static final int SHOWN = 5;

  @Option(
      names = "--prices",
      paramLabel = "FILE",
      description =
          "CSV model,input,output,call: USD per million tokens, USD per call. Default: the"
              + " cost of a call in the logs.")
  private @Nullable Path file;

  @Option(
      names = "--output-tokens",
      paramLabel = "N",
      description =
          "Length of an answer where MODEL does not forecast it, for prices per token. Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "300")
  private double outputTokens;

  /// Prices of the models of a pool.
  ///
  /// @throws BadInputException when the file cannot be understood or names none of the models
  public CallCosts costs(ModelInput input, Console console) throws IOException {
    if (!(outputTokens >= 0)) {
      throw BadInputException.of("--output-tokens must not be negative; got " + outputTokens);
    }
    if (file == null) {
      return CallCosts.ofLogs(input.artifact().callCosts(), input.artifact().usage());
    }
    ModelPrices prices = ModelPrices.read(file);
    List<String> unknown =
        prices.prices().keySet().stream()
            .filter(name -> !input.models().contains(name))
            .sorted()
            .toList();
    if (unknown.size() == prices.prices().size()) {
      throw BadInputException.in(
          file,
          "has no price of any model of %s%s"
              .formatted(input.path(), Suggestion.didYouMean(unknown.getFirst(), input.models())));
    }
    for (String name : unknown) {
      console.warn(
          "%s: there is no model \"%s\" in %s%s",
          file, name, input.path(), Suggestion.didYouMean(name, input.models()));
    }
    List<String> unpriced =
        input.models().stream().filter(name -> !prices.prices().containsKey(name)).toList();
    if (!unpriced.isEmpty()) {
      console.warn(
          "%s has no price of %d of %d models, which never count as cheap: %s",
          file,
          unpriced.size(),
          input.models().size(),
          String.join(", ", unpriced.subList(0, Math.min(SHOWN, unpriced.size())))
              + (unpriced.size() > SHOWN ? ", …" : ""));
    }
    return CallCosts.ofPrices(prices, input.artifact().usage(), outputTokens);
  }
}
