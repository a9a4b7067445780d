package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.probe.PrincipalPlane;

/// The models as points in two dimensions.
///
/// @param projection `pca` or `umap`
/// @param benchmarks names, in the order of every point's `byBenchmark`
/// @param models one point for each model, in row order
/// @param families from the names, the largest first
/// @param communities groups of models that are close in all dimensions, the largest first
public record SpaceMap(
    String projection,
    List<Axis> axes,
    List<String> benchmarks,
    List<Point> models,
    List<String> families,
    List<Group> communities) {
  private static final int LEAST_FOR_UMAP = 5;
  private static final int PAIRS = 50_000; // most pairs behind a mean distance

  /// @param label of the axis
  /// @param share share of the variance along it; NaN where the projection has none
  /// @param accuracy Pearson's correlation of the positions along it with the models' accuracy; NaN
  ///   where the axis means nothing, or where there is no such number
  public record Axis(String label, double share, double accuracy) {}

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

  /// @param label named after its central model
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
            .toList());
  }

  private static double withAccuracy(
      AnswerCounts counts,
      List<PrincipalPlane.Place> places,
      ToDoubleFunction<PrincipalPlane.Place> along) {
    int[] known =
        IntStream.range(0, places.size()).filter(i -> !Double.isNaN(counts.accuracy(i))).toArray();
    double[] xs =
        IntStream.of(known).mapToDouble(i -> along.applyAsDouble(places.get(i))).toArray();
    double[] ys = IntStream.of(known).mapToDouble(counts::accuracy).toArray();
    double meanX = Arrays.stream(xs).average().orElse(Double.NaN);
    double meanY = Arrays.stream(ys).average().orElse(Double.NaN);
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int k = 0; k < known.length; k++) {
      xx += (xs[k] - meanX) * (xs[k] - meanX);
      yy += (ys[k] - meanY) * (ys[k] - meanY);
      xy += (xs[k] - meanX) * (ys[k] - meanY);
    }
    return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Double.NaN;
  }

  /// The map of UMAP (McInnes, Healy and Melville, 2018), computed in the background: neighbors
  /// stay neighbors, but distances and axes mean nothing.
  ///
  /// @param pca map with the points' other properties
  public static Answer umap(ModelSpace space, Supplier<SpaceMap> pca, Background background) {
    if (space.models().size() < LEAST_FOR_UMAP) {
      return new Answer.Unavailable(
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
    return new SpaceMap("umap", axes, benchmarks, moved, families, communities);
  }

  static SpaceMap of(
      ModelSpace space, String projection, List<Axis> axes, List<PrincipalPlane.Place> places) {
    AnswerCounts counts = space.counts();
    Clusters clusters = Clusters.of(space.embeddings().vectors());
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
              counts.accuracy(i),
              counts.cells(i),
              Families.of(space.models().get(i)),
              groups[i],
              counts.benchmarks().stream().map(b -> counts.accuracy(model, b)).toList()));
    }
    return new SpaceMap(
        projection,
        axes,
        counts.benchmarks(),
        points,
        Families.all(space.models()),
        communities(space, clusters));
  }

  private static List<Group> communities(ModelSpace space, Clusters clusters) {
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
              "around " + space.models().get(clusters.medoid(g)),
              members.get(g).size(),
              within(space.embeddings(), members.get(g)),
              across(space.embeddings(), members.get(g), others)));
    }
    return found;
  }

  private static double within(ModelEmbeddings embeddings, List<Integer> members) {
    int n = members.size();
    if (n < 2) {
      return Double.NaN;
    }
    double sum = 0;
    if ((long) n * (n - 1) / 2 <= PAIRS) {
      for (int a = 0; a < n; a++) {
        for (int b = a + 1; b < n; b++) {
          sum += embeddings.distance(members.get(a), members.get(b));
        }
      }
      return sum / (n * (n - 1) / 2.0);
    }
    SplittableRandom random = new SplittableRandom(n);
    for (int pair = 0; pair < PAIRS; pair++) {
      int a = random.nextInt(n);
      int b = (a + 1 + random.nextInt(n - 1)) % n;
      sum += embeddings.distance(members.get(a), members.get(b));
    }
    return sum / PAIRS;
  }

  private static double across(
      ModelEmbeddings embeddings, List<Integer> members, List<Integer> others) {
    if (others.isEmpty()) {
      return Double.NaN;
    }
    double sum = 0;
    long all = (long) members.size() * others.size();
    if (all <= PAIRS) {
      for (int a : members) {
        for (int b : others) {
          sum += embeddings.distance(a, b);
        }
      }
      return sum / all;
    }
    SplittableRandom random = new SplittableRandom(members.size());
    for (int pair = 0; pair < PAIRS; pair++) {
      sum +=
          embeddings.distance(
              members.get(random.nextInt(members.size())),
              others.get(random.nextInt(others.size())));
    }
    return sum / PAIRS;
  }
}
