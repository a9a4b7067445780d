package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.embedllm.app.report.Families;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.probe.PrincipalPlane;
import org.embedllm.tensor.FloatMatrix;

/// The models as points in two dimensions.
///
/// @param projection how they came there, `skills`, `pca` or `umap`
/// @param benchmarks names, in the order of every point's `byBenchmark`
/// @param models one point for each model, in row order
/// @param families that the names tell, the largest first
/// @param communities groups of models that lie together in the whole space, the largest first
/// @param finding the most unusual model, where there is something to say of it
public record SpaceMap(
    String projection,
    List<Axis> axes,
    List<String> benchmarks,
    List<Point> models,
    List<String> families,
    List<Group> communities,
    Optional<Skills.Finding> finding) {
  /// Share of the spread and correlation with accuracy from which on the first component is a
  /// ranking.
  private static final double RANKING_SHARE = 0.5;

  private static final double RANKING_CORRELATION = 0.9;
  private static final int LEAST_FOR_UMAP = 5;
  private static final int PAIRS = 50_000; // most pairs behind a mean distance

  /// @param label of the axis
  /// @param share share of the variance along it; NaN where the projection has none
  /// @param accuracy Pearson's correlation of the positions along it with the models' accuracy; NaN
  ///   where the axis means nothing, or where there is no such number
  /// @param high benchmarks at which models at its end are better than models of their accuracy
  /// @param low the same at its beginning
  public record Axis(
      String label, double share, double accuracy, List<String> high, List<String> low) {
    Axis(String label, double share, double accuracy) {
      this(label, share, accuracy, List.of(), List.of());
    }
  }

  /// @param accuracy on the training questions it answered; NaN without any
  /// @param cells training questions it answered
  /// @param community id of its group
  /// @param byBenchmark accuracy on each benchmark; NaN where it has no answer
  public record Point(
      int id,
      String name,
      double x,
      double y,
      double accuracy,
      int cells,
      String family,
      int community,
      List<Double> byBenchmark) {}

  /// @param label after what its models are good at, or after the model in its middle
  /// @param size number of members
  /// @param intra mean distance of two members, from at most 50,000 pairs; NaN with one member
  /// @param inter mean distance of a member and another model; NaN where there are no others
  public record Group(int id, String label, int size, double intra, double inter) {}

  /// The map of principal components, each oriented so that accuracy rises along it.
  public static SpaceMap pca(ModelSpace space) {
    PrincipalPlane plane = PrincipalPlane.of(space.embeddings().vectors());
    double x = withAccuracy(space.counts(), plane.places(), PrincipalPlane.Place::x);
    double y = withAccuracy(space.counts(), plane.places(), PrincipalPlane.Place::y);
    return of(
        space,
        "pca",
        List.of(
            new Axis("First principal component (logits)", plane.firstShare(), Math.abs(x)),
            new Axis("Second principal component (logits)", plane.secondShare(), Math.abs(y))),
        plane.places().stream()
            .map(at -> new PrincipalPlane.Place(x < 0 ? -at.x() : at.x(), y < 0 ? -at.y() : at.y()))
            .toList(),
        space.embeddings().vectors(),
        Optional.empty());
  }

  /// Whether the first component is a ranking by accuracy, so that [#skills] says more.
  public boolean isRanking() {
    Axis first = axes.getFirst();
    return first.share() >= RANKING_SHARE && first.accuracy() >= RANKING_CORRELATION;
  }

  /// The map that says most of a pool: skills where the first component is a ranking.
  public static SpaceMap byDefault(ModelSpace space) {
    SpaceMap pca = pca(space);
    return pca.isRanking() ? skills(space) : pca;
  }

  /// The map of principal components with ability removed: near means alike beyond being good.
  public static SpaceMap skills(ModelSpace space) {
    Skills skills = Skills.of(space);
    PrincipalPlane plane = PrincipalPlane.of(skills.vectors());
    return of(
        space,
        "skills",
        List.of(
            skills.axis(
                "First component of skills",
                plane.firstShare(),
                plane.places().stream().mapToDouble(PrincipalPlane.Place::x).toArray()),
            skills.axis(
                "Second component of skills",
                plane.secondShare(),
                plane.places().stream().mapToDouble(PrincipalPlane.Place::y).toArray())),
        plane.places(),
        skills.vectors(),
        Optional.of(skills));
  }

  private static double withAccuracy(
      AnswerCounts counts,
      List<PrincipalPlane.Place> places,
      ToDoubleFunction<PrincipalPlane.Place> along) {
    return Skills.correlation(
        places.stream().mapToDouble(along).toArray(), Skills.accuracies(counts));
  }

  /// The map of UMAP (McInnes, Healy and Melville, 2018), computed in the background: neighbors
  /// stay neighbors, but distances and axes mean nothing.
  ///
  /// @param pca map with the points' other properties
  public static ViewAnswer umap(
      ModelSpace space, Supplier<SpaceMap> pca, BackgroundJobs background) {
    if (space.models().size() < LEAST_FOR_UMAP) {
      return new ViewAnswer.Unavailable(
          "UMAP needs many points; this pool has only %d models. Use the principal components."
              .formatted(space.models().size()),
          "");
    }
    return background.ask(
        "umap",
        step -> {
          step.at("laying out %,d models".formatted(space.models().size()), 0);
          return pca.get().moved(NeighborLayout.of(space.embeddings().vectors()));
        });
  }

  private SpaceMap moved(List<PrincipalPlane.Place> places) {
    List<Point> moved = new ArrayList<>(places.size());
    for (Point p : models) {
      PrincipalPlane.Place at = places.get(p.id());
      moved.add(
          new Point(
              p.id(),
              p.name(),
              at.x(),
              at.y(),
              p.accuracy(),
              p.cells(),
              p.family(),
              p.community(),
              p.byBenchmark()));
    }
    List<Axis> axes =
        List.of(
            new Axis("UMAP 1 (no unit)", Double.NaN, Double.NaN),
            new Axis("UMAP 2 (no unit)", Double.NaN, Double.NaN));
    return new SpaceMap("umap", axes, benchmarks, moved, families, communities, Optional.empty());
  }

  static SpaceMap of(
      ModelSpace space,
      String projection,
      List<Axis> axes,
      List<PrincipalPlane.Place> places,
      FloatMatrix vectors,
      Optional<Skills> skills) {
    AnswerCounts counts = space.counts();
    Clusters clusters = Clusters.of(vectors);
    int[] groups = clusters.groups();
    List<Point> points = new ArrayList<>(places.size());
    for (int i = 0; i < places.size(); i++) {
      int model = i;
      points.add(
          new Point(
              i,
              space.models().get(i),
              places.get(i).x(),
              places.get(i).y(),
              space.accuracy(i).value(),
              counts.cells(i),
              Families.of(space.models().get(i)),
              groups[i],
              counts.benchmarks().stream().map(b -> space.accuracy(model, b).value()).toList()));
    }
    return new SpaceMap(
        projection,
        axes,
        counts.benchmarks(),
        points,
        Families.all(space.models()),
        communities(space, clusters, vectors, skills),
        skills.flatMap(Skills::finding));
  }

  private static List<Group> communities(
      ModelSpace space, Clusters clusters, FloatMatrix vectors, Optional<Skills> skills) {
    int[] groups = clusters.groups();
    List<List<Integer>> members = new ArrayList<>();
    for (int g = 0; g < clusters.count(); g++) {
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < groups.length; i++) {
      members.get(groups[i]).add(i);
    }
    List<Group> found = new ArrayList<>();
    for (int g = 0; g < members.size(); g++) {
      int own = g;
      List<Integer> others = new ArrayList<>();
      for (int i = 0; i < groups.length; i++) {
        if (groups[i] != own) {
          others.add(i);
        }
      }
      found.add(
          new Group(
              g,
              skills
                  .flatMap(s -> s.strength(members.get(own)))
                  .map(benchmark -> "stronger at " + benchmark)
                  .orElse("around " + space.models().get(clusters.medoid(g))),
              members.get(g).size(),
              within(vectors, members.get(g)),
              across(vectors, members.get(g), others)));
    }
    return found;
  }

  private static double distance(FloatMatrix vectors, int a, int b) {
    double sum = 0;
    for (int k = 0; k < vectors.columns(); k++) {
      double difference = (double) vectors.get(a, k) - vectors.get(b, k);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  private static double within(FloatMatrix vectors, List<Integer> members) {
    int n = members.size();
    if (n < 2) {
      return Double.NaN;
    }
    double sum = 0;
    if ((long) n * (n - 1) / 2 <= PAIRS) {
      for (int a = 0; a < n; a++) {
        for (int b = a + 1; b < n; b++) {
          sum += distance(vectors, members.get(a), members.get(b));
        }
      }
      return sum / (n * (n - 1) / 2.0);
    }
    SplittableRandom random = new SplittableRandom(n);
    for (int pair = 0; pair < PAIRS; pair++) {
      int a = random.nextInt(n);
      int b = (a + 1 + random.nextInt(n - 1)) % n;
      sum += distance(vectors, members.get(a), members.get(b));
    }
    return sum / PAIRS;
  }

  private static double across(FloatMatrix vectors, List<Integer> members, List<Integer> others) {
    if (others.isEmpty()) {
      return Double.NaN;
    }
    double sum = 0;
    long all = (long) members.size() * others.size();
    if (all <= PAIRS) {
      for (int a : members) {
        for (int b : others) {
          sum += distance(vectors, a, b);
        }
      }
      return sum / all;
    }
    SplittableRandom random = new SplittableRandom(members.size());
    for (int pair = 0; pair < PAIRS; pair++) {
      sum +=
          distance(
              vectors,
              members.get(random.nextInt(members.size())),
              others.get(random.nextInt(others.size())));
    }
    return sum / PAIRS;
  }
}
