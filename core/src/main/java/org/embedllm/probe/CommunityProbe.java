package org.embedllm.probe;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.linalg.Shuffle;

/// Tests whether models of one community are closer to each other than to the others. Zhuang et al.
/// (2025), §6.1.
///
/// The statistic is the mean inter-community distance minus the mean intra-community distance; the
/// null hypothesis is that the community is a random set of as many models. The p-value is
/// one-sided: over all such sets where these are at most `permutations`, otherwise (1 + b) / (1 +
/// B) over B seeded random sets, b of them at least as extreme.
public final class CommunityProbe {
  private static final double TOLERANCE = 1e-12;

  private final int permutations;
  private final long seed;

  /// @param permutations most sets to compare with, at least 1
  /// @param seed of the random sets
  public CommunityProbe(int permutations, long seed) {
    if (permutations < 1) {
      throw new IllegalArgumentException("a permutation test needs a permutation");
    }
    this.permutations = permutations;
    this.seed = seed;
  }

  /// The result for one community.
  ///
  /// @param community its name
  /// @param models its members
  /// @param intra mean L2 distance over pairs of members; NaN with fewer than two
  /// @param inter mean L2 distance over pairs of a member and another model; NaN without either
  /// @param pValue probability of so large a difference by chance; NaN where one of both is NaN
  public record Finding(
      String community, List<String> models, double intra, double inter, double pValue) {
    public Finding {
      models = List.copyOf(models);
    }

    /// Whether there are members and others to compare.
    public boolean measurable() {
      return Double.isFinite(pValue);
    }
  }

  /// Tests each community on its own.
  public List<Finding> test(ModelDistances distances, List<Community> communities) {
    return communities.stream().map(community -> test(distances, community)).toList();
  }

  private Finding test(ModelDistances distances, Community community) {
    return test(distances, community.name(), community.members(distances.models()));
  }

  /// Tests a group of models.
  ///
  /// @param name the group's name
  /// @param members their rows, ascending
  public Finding test(ModelDistances distances, String name, int[] members) {
    int m = distances.models().size();
    List<String> names = Arrays.stream(members).mapToObj(distances.models()::get).toList();
    Sums sums = Sums.of(distances, m);
    double intra = members.length < 2 ? Double.NaN : sums.intra(members);
    double inter = members.length < 1 || members.length == m ? Double.NaN : sums.inter(members);
    if (!Double.isFinite(intra) || !Double.isFinite(inter)) {
      return new Finding(name, names, intra, inter, Double.NaN);
    }
    double observed = inter - intra - TOLERANCE * (1 + Math.abs(inter));
    double p =
        sets(m, members.length) <= permutations
            ? allSets(sums, m, members.length, observed)
            : randomSets(sums, m, members.length, observed);
    return new Finding(name, names, intra, inter, p);
  }

  private double randomSets(Sums sums, int m, int size, double observed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[m];
    Arrays.setAll(order, i -> i);
    int extreme = 0;
    for (int b = 0; b < permutations; b++) {
      for (int k = 0; k < size; k++) {
        Shuffle.next(order, k, random);
      }
      extreme += sums.difference(Arrays.copyOf(order, size)) >= observed ? 1 : 0;
    }
    return (1.0 + extreme) / (1.0 + permutations);
  }

  private static double allSets(Sums sums, int m, int size, double observed) {
    int[] set = new int[size];
    Arrays.setAll(set, k -> k);
    long all = 0;
    long extreme = 0;
    while (true) {
      all++;
      extreme += sums.difference(set) >= observed ? 1 : 0;
      int last = size - 1;
      while (last >= 0 && set[last] == m - size + last) {
        last--;
      }
      if (last < 0) {
        return (double) extreme / all;
      }
      set[last]++;
      for (int k = last + 1; k < size; k++) {
        set[k] = set[k - 1] + 1;
      }
    }
  }

  /// Number of sets of `size` among m.
  private static double sets(int m, int size) {
    double count = 1;
    for (int k = 1; k <= size; k++) {
      count = count * (m - size + k) / k;
    }
    return count;
  }

  /// Mean distances by way of the row sums of the distance matrix.
  private static final class Sums {
    private final ModelDistances distances;
    private final double[] rows; // [m]
    private final int m;

    private Sums(ModelDistances distances, double[] rows, int m) {
      this.distances = distances;
      this.rows = rows;
      this.m = m;
    }

    static Sums of(ModelDistances distances, int m) {
      double[] rows = new double[m];
      for (int a = 0; a < m; a++) {
        for (int b = 0; b < m; b++) {
          rows[a] += distances.distance(a, b);
        }
      }
      return new Sums(distances, rows, m);
    }

    double intra(int[] members) {
      return within(members) / (members.length * (members.length - 1.0) / 2);
    }

    double inter(int[] members) {
      return across(members, within(members)) / ((double) members.length * (m - members.length));
    }

    double difference(int[] members) {
      double within = within(members);
      return across(members, within) / ((double) members.length * (m - members.length))
          - within / (members.length * (members.length - 1.0) / 2);
    }

    private double within(int[] members) {
      double sum = 0;
      for (int a = 0; a < members.length; a++) {
        for (int b = a + 1; b < members.length; b++) {
          sum += distances.distance(members[a], members[b]);
        }
      }
      return sum;
    }

    private double across(int[] members, double within) {
      double sum = -2 * within;
      for (int member : members) {
        sum += rows[member];
      }
      return sum;
    }
  }
}
