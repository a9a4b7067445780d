package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.AnswerCounts;

/// The forecast of each model on one question.
///
/// @param models one entry for each model, in the forecaster's order
/// @param abstain whether the forecaster declines because the question is too far from the training
///   questions
public record Forecast(List<ModelForecast> models, boolean abstain) {
  public Forecast {
    models = List.copyOf(models);
  }

  /// Probability that a model answers correctly.
  ///
  /// @param model its name
  /// @param probability in [0, 1]
  /// @param low lower end of the 95 % interval of the share of such questions that the model gets
  ///   right; NaN where no interval is known
  /// @param high upper end; NaN where none is known
  public record ModelForecast(String model, double probability, double low, double high) {}

  /// The same forecast, declined.
  public Forecast declined() {
    return new Forecast(models, true);
  }

  /// What to go by where the forecaster declines: each model's share of right answers to the
  /// training questions, without an interval. A model that answered few of them counts as no better
  /// than one that answered most. Where the forecaster does not decline, this forecast itself.
  ///
  /// @param training answer counts of the training questions
  public Forecast orRates(AnswerCounts training) {
    if (!abstain) {
      return this;
    }
    double best = 0;
    for (int i = 0; i < training.models().size(); i++) {
      best = covers(training, i) ? Math.max(best, rate(training, i)) : best;
    }
    List<ModelForecast> rates = new ArrayList<>(models.size());
    for (ModelForecast model : models) {
      int i = training.models().indexOf(model.model());
      double own = i < 0 ? 0.5 : rate(training, i);
      double rate = (i >= 0 && covers(training, i)) || best == 0 ? own : Math.min(own, best);
      rates.add(new ModelForecast(model.model(), rate, Double.NaN, Double.NaN));
    }
    return new Forecast(rates, true);
  }

  private static boolean covers(AnswerCounts training, int model) {
    return training.cells(model) > 0 && training.cells(model) >= 0.9 * training.questions();
  }

  /// With one right and one wrong answer added.
  private static double rate(AnswerCounts training, int model) {
    return (training.correct(model) + 1.0) / (training.cells(model) + 2.0);
  }
}
