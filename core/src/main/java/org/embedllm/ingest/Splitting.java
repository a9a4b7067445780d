package org.embedllm.ingest;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.SplitOptions;
import org.embedllm.source.SplitShares;
import org.embedllm.storage.BadInputException;

/// Makes the split of collected questions: the supplied one, or a seeded one that keeps questions
/// of one text, and of one group, together.
///
/// @param parts `[n]` the part each question came with
/// @param groupById group of a question, where it has one
record Splitting(
    SplitOptions options, List<Optional<SplitPart>> parts, Map<String, String> groupById) {
  /// Whether the split is the one that the sources bring.
  ///
  /// @throws BadInputException when some of them bring one and some do not
  boolean isBrought() {
    return options.shares().isEmpty() && anyPart();
  }

  /// The split.
  ///
  /// @param questions `[n]`
  QuestionSplit split(List<Question> questions) {
    return isBrought()
        ? QuestionSplit.of(parts.stream().flatMap(Optional::stream).toList())
        : seeded(questions);
  }

  /// The error for groups that are too few or too large for the requested parts.
  List<String> warnings(QuestionSplit split) {
    SplitShares shares = options.shares().orElse(SplitShares.DEFAULT);
    List<String> empty = new ArrayList<>();
    if (shares.validation() > 0 && split.questions(SplitPart.VALIDATION).length == 0) {
      empty.add(SplitPart.VALIDATION.label());
    }
    if (shares.train() + shares.validation() < 1 && split.questions(SplitPart.TEST).length == 0) {
      empty.add(SplitPart.TEST.label());
    }
    return groupById.isEmpty() || empty.isEmpty() || isBrought()
        ? List.of()
        : List.of(
            "the split has no question in %s: the %d groups are too few or too large for this division"
                .formatted(String.join(" and ", empty), Set.copyOf(groupById.values()).size()));
  }

  private boolean anyPart() {
    long with = parts.stream().filter(Optional::isPresent).count();
    if (with > 0 && with < parts.size()) {
      throw BadInputException.of(
          "some sources bring a split (train, val, test) and some do not; give --split 80/10/10"
              + " to split them again, or import them separately");
    }
    return with > 0;
  }

  private QuestionSplit seeded(List<Question> questions) {
    SplitShares shares = options.shares().orElse(SplitShares.DEFAULT);
    if (groupById.isEmpty()) {
      return QuestionSplit.seeded(questions, shares.train(), shares.validation(), options.seed());
    }
    GroupUnion union = new GroupUnion();
    Map<String, String> groupByText = new HashMap<>();
    for (Question question : questions) {
      String group = groupById.getOrDefault(question.id(), question.text());
      String sameText = groupByText.putIfAbsent(question.text(), group);
      if (sameText != null) {
        union.join(sameText, group);
      }
    }
    return QuestionSplit.seededByGroup(
        questions,
        shares.train(),
        shares.validation(),
        options.seed(),
        question -> union.representative(groupById.getOrDefault(question.id(), question.text())));
  }

  /// Number of texts in two parts.
  static int sharedPrompts(CorrectnessMatrix matrix, QuestionSplit split) {
    Map<String, Set<SplitPart>> partsOfText = HashMap.newHashMap(matrix.questionCount());
    for (int j = 0; j < matrix.questionCount(); j++) {
      partsOfText
          .computeIfAbsent(
              matrix.questions().get(j).text(), text -> EnumSet.noneOf(SplitPart.class))
          .add(split.part(j));
    }
    return (int) partsOfText.values().stream().filter(parts -> parts.size() > 1).count();
  }
}
