package org.embedllm.kernel;

import java.util.Optional;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;

/// Where questions lie among the training questions, by one kernel or by two. Immutable.
///
/// With two, what is open is that of the kernel of sentence and surface where the surface is usual,
/// that of the kernel of sentence and content where it is unfamiliar, and between them a mixture.
final class QuestionPlaces {
  private final FeatureMap features;
  private final OutOfDistribution surface;
  private final SemanticSimilarity surfaceMeaning;
  private final Optional<ByContent> content;

  /// The second kernel's measures.
  private record ByContent(
      NestedKernels nested, OutOfDistribution outOfDistribution, SemanticSimilarity meaning) {}

  private QuestionPlaces(
      FeatureMap features,
      OutOfDistribution surface,
      SemanticSimilarity surfaceMeaning,
      Optional<ByContent> content) {
    this.features = features;
    this.surface = surface;
    this.surfaceMeaning = surfaceMeaning;
    this.content = content;
  }

  /// @throws IllegalArgumentException when shapes do not fit, or the factorization is no kernel
  ///   forecaster
  static QuestionPlaces of(
      MatrixFactorization factorization,
      OutOfDistribution surface,
      Optional<OutOfDistribution> contentOutOfDistribution) {
    TextFeatureVectors.Columns columns = TextFeatureVectors.columns(factorization.encoder());
    return switch (factorization.features()) {
      case FeatureMap.Identity identity ->
          throw new IllegalArgumentException("intervals take a kernel forecaster");
      case FeatureMap.Kernel kernel ->
          new QuestionPlaces(
              kernel, surface, new SemanticSimilarity(kernel, columns.surface()), Optional.empty());
      case NestedKernels nested -> {
        OutOfDistribution second =
            contentOutOfDistribution.orElseThrow(() ->
                new IllegalArgumentException(
                    "the second kernel has no measure of out of distribution"));
        if (second.variances().columns() != factorization.dimension()) {
          throw new IllegalArgumentException("the intervals belong to another factorization");
        }
        yield new QuestionPlaces(
            nested,
            surface,
            new SemanticSimilarity(nested.surface(), columns.surface()),
            Optional.of(
                new ByContent(
                    nested, second, new SemanticSimilarity(nested.content(), columns.content()))));
      }
    };
  }

  /// Where a question is.
  static final class Place {
    private final float[] features;
    private final double[] variances; // by coordinate of the projected question
    private final double open;
    private final boolean far;

    private Place(float[] features, double[] variances, double open, boolean far) {
      this.features = features;
      this.variances = variances;
      this.open = open;
      this.far = far;
    }

    /// f, the features of the question: not to be modified.
    float[] features() {
      return features;
    }

    /// Variance of what questions of this kind have in a coordinate of the projected question.
    double variance(int coordinate) {
      return variances[coordinate];
    }

    /// Share of the prior variance that is open for questions of this kind, in (0, 1].
    double open() {
      return open;
    }

    /// Whether it is far from all training questions.
    boolean far() {
      return far;
    }
  }

  /// @param vector `[q]`, with or without the columns of attributes behind
  Place of(float[] vector) {
    if (content.isEmpty()) {
      float[] mapped = features.map(vector);
      OutOfDistribution.Place place = surface.place(vector, mapped, surfaceMeaning);
      return new Place(
          mapped,
          mixture(0, place.open(), surface.variances(), 0, surface.variances()),
          place.open(),
          place.far());
    }
    ByContent second = content.get();
    NestedKernels nested = second.nested();
    NestedKernels.Sources sources = nested.sources(vector);
    FloatMatrix one = FloatMatrix.wrap(1, vector.length, vector);
    float[] surfaceVector = NestedKernels.surfaceVectors(nested.columns(), one).sharedArray();
    float[] contentVector = NestedKernels.contentVectors(nested.columns(), one).sharedArray();
    OutOfDistribution.Place bySurface =
        surface.place(surfaceVector, sources.surface(), surfaceMeaning);
    OutOfDistribution.Place byContent =
        second.outOfDistribution().place(contentVector, sources.content(), second.meaning());
    double h = sources.unfamiliarity();
    return new Place(
        sources.features(),
        mixture(
            h,
            bySurface.open(),
            surface.variances(),
            byContent.open(),
            second.outOfDistribution().variances()),
        (1 - h) * bySurface.open() + h * byContent.open(),
        bySurface.far());
  }

  private static double[] mixture(
      double h, double surfaceOpen, FloatMatrix surface, double contentOpen, FloatMatrix content) {
    double[] variances = new double[surface.columns()];
    for (int k = 0; k < variances.length; k++) {
      variances[k] =
          (1 - h) * surfaceOpen * surface.get(0, k) + h * contentOpen * content.get(0, k);
    }
    return variances;
  }
}
