package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// The questions of the sample: ten skills whose questions read clearly differently, written by a
/// [QuestionGrammar] each.
final class SampleQuestions {
  /// The skills, which are the columns of `families.csv` and the names of the grammars.
  static final List<String> SKILLS =
      List.of(
          "arithmetic",
          "geography",
          "code",
          "medicine",
          "law",
          "chemistry",
          "translation",
          "logic",
          "poetry",
          "cooking");

  /// Standard deviation, on the logit scale, of the difficulty of a question within its topic,
  /// which its text does not show.
  private static final double UNSEEN_DIFFICULTY = 1.0;

  private SampleQuestions() {}

  /// Different questions, skill after skill; the same seed gives the same questions.
  ///
  /// @param perSkill number of questions of each skill
  static List<SampleQuestion> generate(int perSkill, long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    List<SampleQuestion> questions = new ArrayList<>(SKILLS.size() * perSkill);
    for (String skill : SKILLS) {
      SplittableRandom random = root.split();
      QuestionGrammar grammar = QuestionGrammar.parse(SampleResources.text(skill + ".txt"));
      Set<String> texts = new HashSet<>();
      while (texts.size() < perSkill) {
        QuestionGrammar.Drawn drawn = grammar.draw(random);
        if (texts.add(drawn.text())) {
          questions.add(
              new SampleQuestion(
                  "%s-%04d".formatted(skill, texts.size()),
                  skill,
                  drawn.topic(),
                  drawn.difficulty() + UNSEEN_DIFFICULTY * random.nextGaussian(),
                  drawn.text()));
        }
      }
    }
    return List.copyOf(questions);
  }
}
