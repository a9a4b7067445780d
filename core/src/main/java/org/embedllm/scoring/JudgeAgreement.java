package org.embedllm.scoring;

/// How often a judge and the right answers say the same of an answer: right or wrong, at a score of
/// 0.5.
///
/// @param answers compared
/// @param same of them with the same verdict
/// @param byChance share that would agree if both gave their verdicts independently
public record JudgeAgreement(int answers, int same, double byChance) {
  /// Fewer answers say nothing.
  private static final int LEAST = 20;

  private static final double SLIGHT = 0.2;

  /// Counts answers one by one.
  public static final class Counter {
    private int answers;
    private int same;
    private int judgedRight;
    private int scoredRight;

    /// @param judged the judge's score, in [0, 1]
    /// @param scored the score against the right answer
    public synchronized void add(double judged, double scored) {
      answers++;
      same += (judged >= 0.5) == (scored >= 0.5) ? 1 : 0;
      judgedRight += judged >= 0.5 ? 1 : 0;
      scoredRight += scored >= 0.5 ? 1 : 0;
    }

    public synchronized JudgeAgreement agreement() {
      double n = Math.max(1, answers);
      double chance =
          judgedRight / n * (scoredRight / n) + (1 - judgedRight / n) * (1 - scoredRight / n);
      return new JudgeAgreement(answers, same, chance);
    }
  }

  /// Share of the answers with the same verdict; NaN without answers.
  public double share() {
    return answers == 0 ? Double.NaN : (double) same / answers;
  }

  /// Agreement beyond chance (Cohen, 1960): 1 for always, 0 for as often as by chance; NaN where
  /// chance alone explains all of it.
  public double kappa() {
    return byChance >= 1 ? Double.NaN : (share() - byChance) / (1 - byChance);
  }

  /// Whether enough answers were compared to say something.
  public boolean measured() {
    return answers >= LEAST;
  }

  /// Whether the judge hardly says more than chance would (at most slight agreement; Landis and
  /// Koch, 1977). Such a judge must not be believed.
  public boolean littleBetterThanChance() {
    return measured() && kappa() <= SLIGHT;
  }
}
