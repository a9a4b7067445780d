package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.embedllm.app.report.Families;
import org.embedllm.probe.Community;
import org.embedllm.probe.CommunityProbe;
import org.embedllm.probe.CommunityProbe.Finding;
import org.embedllm.probe.ModelDistances;

/// Whether models of one kind are close, tested as in the experiment `communities`: the paper's six
/// communities, and the families from the names.
public final class Communities {
  private static final int PERMUTATIONS = 10_000;
  private static final int MOST_MODELS = 2_000;
  private static final int MOST_FAMILIES = 40;

  private Communities() {}

  /// A community as in `communities.json`.
  ///
  /// @param community its name
  /// @param kind `paper` or `family`
  /// @param models names of the members
  /// @param ids rows of the members
  /// @param intra mean distance of two members; NaN with fewer than two
  /// @param inter mean distance of a member and another model; NaN without either
  /// @param pValue probability of so large a difference by chance; NaN where one of both is NaN
  record Group(
      String community,
      String kind,
      List<String> models,
      List<Integer> ids,
      double intra,
      double inter,
      double pValue) {}

  /// Tests them in the background, where the pool is not too large for all its distances.
  public static ViewAnswer answer(ModelSpace space, BackgroundJobs background) {
    if (space.models().size() > MOST_MODELS) {
      return new ViewAnswer.Unavailable(
          "The test compares all pairs of models; it is made for pools of up to %,d."
              .formatted(MOST_MODELS),
          "");
    }
    return background.ask("communities", step -> of(space, step));
  }

  private static List<Group> of(ModelSpace space, BackgroundJobs.Step step) {
    ModelDistances distances = ModelDistances.of(space.models(), space.embeddings().vectors());
    CommunityProbe probe = new CommunityProbe(PERMUTATIONS, 0);
    List<Group> groups = new ArrayList<>();
    for (Community community : Community.PAPER) {
      int[] members = community.members(space.models());
      if (members.length > 0) {
        groups.add(group(space, probe.test(distances, community.name(), members), "paper"));
      }
    }
    Map<String, List<Integer>> families = new TreeMap<>();
    for (int i = 0; i < space.models().size(); i++) {
      families.computeIfAbsent(Families.of(space.models().get(i)), _ -> new ArrayList<>()).add(i);
    }
    List<String> tested =
        Families.all(space.models()).stream()
            .filter(name -> families.getOrDefault(name, List.of()).size() > 1)
            .limit(MOST_FAMILIES)
            .toList();
    for (String family : tested) {
      step.at("testing " + family, (double) tested.indexOf(family) / tested.size());
      int[] members =
          families.getOrDefault(family, List.of()).stream().mapToInt(Integer::intValue).toArray();
      groups.add(group(space, probe.test(distances, family, members), "family"));
    }
    return groups;
  }

  private static Group group(ModelSpace space, Finding finding, String kind) {
    return new Group(
        finding.community(),
        kind,
        finding.models(),
        finding.models().stream().map(name -> space.row(name).orElseThrow()).toList(),
        finding.intra(),
        finding.inter(),
        finding.pValue());
  }
}
