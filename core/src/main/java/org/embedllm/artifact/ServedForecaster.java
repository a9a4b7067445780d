package org.embedllm.artifact;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.question.TextFamiliarity;
import org.embedllm.question.TextFeatureVectors;
import org.jspecify.annotations.Nullable;

/// What a model file serves prompts with: the default forecaster, or the baseline that was better
/// on validation questions. It declines texts that are unlike the training texts. Immutable.
public final class ServedForecaster {
  /// What serves.
  public enum Kind {
    /// The forecaster that was trained.
    ROUTER,
    /// The nearest training questions.
    NEIGHBORS,
    /// The table of models and an attribute.
    TABLE;

    /// Its name in a model file and in JSON.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String NOTE = "served";

  private final Kind kind;
  private final CorrectnessForecaster forecaster;
  private final CorrectnessForecaster trained;
  private final Optional<TextFamiliarity> familiarity;
  private final ModelArtifact artifact;
  private final AtomicReference<@Nullable List<ModelForecast>> rates = new AtomicReference<>();

  private ServedForecaster(Kind kind, CorrectnessForecaster forecaster, ModelArtifact artifact) {
    this.kind = kind;
    this.forecaster = forecaster;
    this.trained = artifact.forecaster();
    this.familiarity = artifact.textFamiliarity();
    this.artifact = artifact;
  }

  /// The same artifact, to be served by one of the kinds.
  static ModelArtifact keep(ModelArtifact artifact, Kind kind) {
    return artifact.withNote(NOTE, kind.label());
  }

  static boolean needsQuestions(ModelArtifact artifact) {
    return Kind.NEIGHBORS.label().equals(artifact.notes().get(NOTE));
  }

  /// What a file says that it is served by, where it keeps what that takes; otherwise the
  /// forecaster that was trained.
  ///
  /// @param questions the training questions beside the file
  static ServedForecaster of(ModelArtifact artifact, Optional<TrainingQuestions> questions) {
    String chosen = artifact.notes().getOrDefault(NOTE, Kind.ROUTER.label());
    if (chosen.equals(Kind.TABLE.label()) && artifact.attributeTable().isPresent()) {
      return new ServedForecaster(
          Kind.TABLE,
          artifact
              .attributeTable()
              .get()
              .forecaster(artifact.factorization().models(), artifact.encoder()),
          artifact);
    }
    if (chosen.equals(Kind.NEIGHBORS.label())
        && questions.isPresent()
        && questions.get().matrix().models().equals(artifact.factorization().models())) {
      return new ServedForecaster(
          Kind.NEIGHBORS,
          new SentenceNeighbors(neighbors(artifact, questions.get()), artifact.encoder()),
          artifact);
    }
    return new ServedForecaster(Kind.ROUTER, artifact.forecaster(), artifact);
  }

  private static NearestNeighborsForecaster neighbors(
      ModelArtifact artifact, TrainingQuestions questions) {
    String k = artifact.notes().get("knn_k");
    return new NearestNeighborsForecaster(
        questions.matrix(),
        TextFeatureVectors.sentenceVectors(questions.vectors()),
        k == null ? NearestNeighborsForecaster.PUBLISHED_K : Integer.parseInt(k),
        1);
  }

  /// The same after its models' vectors have learned. Baselines do not learn.
  ///
  /// @param learned the same models with other vectors
  public ServedForecaster with(ModelArtifact learned) {
    return new ServedForecaster(
        kind, kind == Kind.ROUTER ? learned.forecaster() : forecaster, learned);
  }

  /// What serves.
  public Kind kind() {
    return kind;
  }

  /// The forecaster behind it.
  public CorrectnessForecaster forecaster() {
    return forecaster;
  }

  /// The forecast of a prompt. Where it is declined, what is known of the models without it
  /// ([ModelArtifact#rates()]).
  ///
  /// @param text of the prompt
  /// @param vector of the text, `[q]`
  /// @param known attributes by name
  public Forecast forecast(String text, float[] vector, Attributes known) {
    Forecast forecast = forecaster.forecast(vector, known);
    boolean far =
        familiarity.map(f -> f.isUnlike(text)).orElseGet(() -> TextFamiliarity.isWordless(text))
            || (kind == Kind.NEIGHBORS && trained.forecast(vector).abstain());
    return far || forecast.abstain() ? new Forecast(rates(), true) : forecast;
  }

  /// Computed with the first prompt that is declined.
  private List<ModelForecast> rates() {
    List<ModelForecast> known = rates.get();
    if (known == null) {
      known = artifact.rates();
      rates.set(known);
    }
    return known;
  }
}
