package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.facts.AbilityRegression;
import org.embedllm.facts.ModelFacts;
import org.embedllm.facts.OutputMeans;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.tensor.FloatMatrix;

/// Priors of new models from facts or from what they write, fitted across a pool. Texts count only
/// where facts explain nothing of the pool's abilities.
///
/// @param explained share of the variance of the pool's abilities that is explained, each model
///   left out; the largest of all new models
/// @param byTexts whether some prior goes by texts
/// @param models names of the new models, those without answers last
/// @param byModel the priors by name
public record FactPriors(
    double explained, boolean byTexts, List<String> models, Map<String, AbilityPrior> byModel) {
  public FactPriors {
    models = List.copyOf(models);
    byModel = Map.copyOf(byModel);
  }

  /// Priors of new models.
  ///
  /// @param addition to the pool
  /// @param pool names of its models
  /// @param models names of the new ones
  /// @param facts by model and column
  /// @param means of what all these models write, those of the pool first, where known
  /// @param threads that share the work; they do not change the result
  public static FactPriors of(
      ModelAddition addition,
      List<String> pool,
      List<String> models,
      Map<String, Map<String, String>> facts,
      Optional<OutputMeans> means,
      int threads) {
    List<String> all = new ArrayList<>(pool);
    all.addAll(models);
    FloatMatrix byFacts = ModelFacts.similarity(ModelFacts.of(all, facts));
    List<Double> abilities = addition.poolAbilities(threads);
    AbilityRegression regression = AbilityRegression.fit(byFacts, abilities);
    Map<String, AbilityPrior> priors = new HashMap<>();
    double explained = 0;
    boolean byTexts = false;
    for (int i = 0; i < models.size(); i++) {
      int row = pool.size() + i;
      AbilityRegression own = regression;
      Optional<OutputMeans> written =
          means.filter(m -> OutputSimilarity.hasTexts(m.overall(), row));
      if (regression.explained() == 0 && written.isPresent()) {
        own = AbilityRegression.fit(written.get().similarity(row), abilities);
        byTexts = true;
      }
      priors.put(models.get(i), own.prior(row));
      explained = Math.max(explained, own.explained());
    }
    return new FactPriors(explained, byTexts, models, priors);
  }
}
