package org.embedllm.app.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.artifact.FactPriors;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.client.PoolAddition;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.itemresponse.Ability;
import org.jspecify.annotations.Nullable;

/// Says which models were added to a pool, as JSON and as a table.
public final class AddedModels {
  private final Console console;
  private final ModelInput input;
  private final Path target;

  /// @param input the pool before
  /// @param target the model file with the new models
  public AddedModels(Console console, ModelInput input, Path target) {
    this.console = console;
    this.input = input;
    this.target = target;
  }

  /// Shows models added to a pool from answers.
  ///
  /// @param all the models
  public void show(PoolAddition.Added all) {
    List<ModelAddition.Added> added = all.models();
    boolean voted = all.voted();
    Optional<FactPriors> priors = all.priors();
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    TextTable table =
        voted
            ? new TextTable("model", "answers", "votes", "accuracy", "95 % interval")
            : new TextTable("model", "answers", "accuracy", "95 % interval");
    for (int i = 0; i < added.size(); i++) {
      ModelAddition.Added one = added.get(i);
      Json json = json(one, all.seconds().get(i));
      String answers = Integer.toString(one.knownAnswers() + one.otherAnswers());
      if (voted) {
        // The accuracy of the ability does not know the votes; that of the vector does.
        var mean = VoteUpdate.MeanProbability.of(input.artifact(), one.vector());
        json.put("votes", one.vector().answers())
            .put("byVector", VoteLeaderboard.json(new Json(), mean));
        table.row(
            one.model(),
            answers,
            Integer.toString(one.vector().answers()),
            TextTable.percent(mean.value()),
            interval(mean.low(), mean.high()));
      } else {
        Ability.Accuracy accuracy = one.ability().accuracy();
        table.row(
            one.model(),
            answers,
            TextTable.percent(accuracy.value()),
            interval(accuracy.low(), accuracy.high()));
      }
      documents.add(json.document());
    }
    Json result = new Json().put("added", documents);
    priors.ifPresent(p -> result.put("factsExplain", p.explained()));
    console.json(result.document());
    priors.ifPresent(p ->
        console.line(
            "What is known of models explains %s of the variance of the pool's abilities, each"
                + " model left out.",
            TextTable.percent(p.explained())));
    table.print(console);
    console.line("accuracy over the questions the pool was trained on; wrote %s", target);
  }

  /// Shows models added to a pool from votes alone.
  ///
  /// @param seconds that each took
  public void showByVotes(List<ModelAddition.Placed> placed, double seconds) {
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    TextTable table = new TextTable("model", "votes", "preferred", "95 % interval");
    for (ModelAddition.Placed one : placed) {
      var mean = VoteUpdate.MeanProbability.of(input.artifact(), one.vector());
      documents.add(
          new Json()
              .put("model", one.model())
              .put("quantity", ForecastQuantity.PREFERENCE.label())
              .put("answers", one.vector().answers())
              .put("seconds", seconds)
              .put("accuracy", VoteLeaderboard.json(new Json(), mean))
              .document());
      table.row(
          one.model(),
          Integer.toString(one.vector().answers()),
          TextTable.percent(mean.value()),
          interval(mean.low(), mean.high()));
    }
    console.json(new Json().put("added", documents).document());
    table.print(console);
    console.line("The pool learned from votes: preferred means over an average model of the pool.");
    console.line("wrote %s", target);
  }

  private static String interval(double low, double high) {
    return low == high
        ? "all answered"
        : "%s to %s".formatted(TextTable.number(100 * low, 1), TextTable.number(100 * high, 1));
  }

  private static Json json(ModelAddition.Added one, double seconds) {
    Ability.Accuracy accuracy = one.ability().accuracy();
    Json perBenchmark = new Json();
    one.ability()
        .accuracyByBenchmark()
        .forEach((name, value) -> perBenchmark.put(name, json(value)));
    return new Json()
        .put("model", one.model())
        .put("answers", one.knownAnswers() + one.otherAnswers())
        .put("knownAnswers", one.knownAnswers())
        .put("seconds", seconds)
        .put("accuracy", json(accuracy))
        .put("perBenchmark", perBenchmark);
  }

  /// An accuracy with its interval; without one where all answers are known.
  public static Json json(Ability.Accuracy accuracy) {
    boolean known = accuracy.low() == accuracy.high();
    return new Json()
        .put("predictedAccuracy", accuracy.value())
        .put("low", known ? Double.NaN : accuracy.low())
        .put("high", known ? Double.NaN : accuracy.high());
  }
}
