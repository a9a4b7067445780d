package org.embedllm.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerScorerTest {
  private static final List<String> CITIES = List.of("Paris", "London", "New York", "York");
  private static final Reference LONDON = new Reference("B", CITIES);

  private static OptionalDouble score(String scorer, String output, String reference) {
    return AnswerScorers.parse(scorer).score(output, new Reference(reference, List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "B",
        "b",
        "(B)",
        "B.",
        "**B**",
        "B) London",
        "B: London",
        "London",
        "london.",
        "**London**",
        "The answer is B.",
        "The answer is (B).",
        "The correct answer is **B. London**.",
        "Answer: B",
        "**Answer:** B",
        "Final answer: \\boxed{B}",
        "\\boxed{\\text{London}}",
        "$\\boxed{B}$",
        "The answer is London.",
        "The correct option is B because it is on the Thames.",
        "So, the best choice is (B) London.",
        "{\"answer\": \"B\"}",
        "```json\n{\"reasoning\": \"...\", \"answer\": \"London\"}\n```",
        "A is in France.\nC is in America.\nAnswer: B",
        "The answer is not A. The answer is B.",
        "It cannot be A, so I choose B.",
        "Option B is correct.",
        "Die Antwort ist B.",
        "La respuesta es B.",
        "La réponse est B.",
        "答案是B",
        "答案：B",
        "<think>The answer is A. Wait, no.</think>B",
        "First I thought the answer is A.\nBut the answer is B",
        "The capital on the Thames is London, of course.",
        "I would go with option B here",
        "B\n\nBecause London is the capital.",
        "Let me think. Paris is out.\n\n**B**",
        "The answer to this question is B",
        "Answer B",
        "I'd say B",
        "It's B",
        "It is B.",
        "Therefore, B.",
        "Selected: B",
        "The right one is B",
        "<answer>B</answer>",
        "A resposta correta é B",
        "Neither A nor C. B.",
        "A: no. B: yes. C: no. D: no.\nSo B.",
        "(A) Paris is in France.\n(B) London is on the Thames.\nHence B",
        "Eliminate A, C, D. Hence B",
        "答案为B",
        "答えはB",
        "정답은 B",
        "Ответ: B",
        "Antwoord: B",
        "The answer's B",
        "Ans. B",
        "I believe the correct choice here is B.",
        "The answer isn't A; it's B.",
        "A is a trap. Not A, but B.",
        "A is wrong and B is correct.",
        "Since A is wrong, it must be B.",
        "A is in France, and D is not a capital, so it must be B.",
        "Option A can be eliminated. I would pick option B",
        "We can rule out option D, so I choose option B, not A",
        "(A) is wrong. It has to be (B)",
        "The incorrect statement is B.",
        "The worst choice is B.",
        "The statement that is not true is B.",
        "The wrong answer is A. The right answer is B.",
        "B. The others are wrong.",
        "B) London, as A is not on the Thames",
      })
  void choice_withTheRightOptionHoweverPhrased_isRight(String output) {
    assertThat(new ChoiceScorer().score(output, LONDON)).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "A",
        "The answer is D",
        "York",
        "New York",
        "Answer: C. New York",
        "The answer is A or B.",
        "A and B",
        "Both: the answer is B and C",
        "\\boxed{D}",
        "A because it's big",
        "The answer is not B, but A.",
        "B is a trap. So A.",
        "It could be A, or B, but I choose C",
      })
  void choice_withAnotherOptionOrSeveral_isWrong(String output) {
    assertThat(new ChoiceScorer().score(output, LONDON)).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "I don't know.",
        "A good question, which I cannot answer.",
        "Paris or London?",
        "A: big. B: small. C: green.",
        "B is a trap, and so is C",
        "A is in France and true. So the incorrect statement is B.",
        "A and C fit well. The worst choice is D.",
        "It may be Paris. The worst choice is D.",
        "A is in France. The wrong answer is D.",
        "Look at A first. The least likely option is B",
        "Look at A first. The incorrect one, however, is B",
        "Look at A first. The one that does not fit is B",
        "Look at A first. The incorrect one is (B) London, I think",
        "We can rule out option B.",
        "I would not choose B here",
        "Option D can be eliminated at once, I think",
        "Neither C nor B is correct here",
        "(D) is wrong.",
        "Consider them.\nD) Incorrect.",
        "It is certainly not Paris.",
        "Paris can be ruled out."
      })
  void choice_withoutAnOption_isNotScored(String output) {
    assertThat(new ChoiceScorer().score(output, LONDON)).isEmpty();
  }

  @Test
  void choice_ofATextThatDenies_isThatOption() {
    List<String> texts = List.of("It is wet", "It is not dry", "False", "Incorrect");
    for (String output :
        List.of("B) It is not dry", "**B** It is not dry", "Answer: B. It is not dry")) {
      assertThat(new ChoiceScorer().score(output, new Reference("B", texts))).hasValue(1);
    }
    assertThat(new ChoiceScorer().score("C) False", new Reference("C", texts))).hasValue(1);
    assertThat(new ChoiceScorer().score("D: incorrect.", new Reference("D", texts))).hasValue(1);
  }

  @Test
  void choice_ofATextThatDeniesInOtherWords_isThatOption() {
    List<String> texts =
        List.of("Always", "Wrong, Not wrong", "It cannot be determined from these facts");
    assertThat(
            new ChoiceScorer().score("Answer: C. Cannot be determined", new Reference("C", texts)))
        .hasValue(1);
    assertThat(
            new ChoiceScorer()
                .score(
                    "Answer: B. Wrong in the first case, not in the second",
                    new Reference("B", texts)))
        .hasValue(1);
    assertThat(
            new ChoiceScorer()
                .score(
                    "It is not a trick: choose B, as it is largest.", new Reference("B", CITIES)))
        .hasValue(1);
  }

  @Test
  void choice_withoutTheRightOption_isNotScored() {
    assertThat(new ChoiceScorer().score("B", new Reference("Rome", CITIES))).isEmpty();
    assertThat(new ChoiceScorer().score("B", new Reference("B", List.of()))).isEmpty();
  }

  @Test
  void choice_byTextOrPosition_isTheSameOption() {
    assertThat(new ChoiceScorer().score("B", new Reference("London", CITIES))).hasValue(1);
    assertThat(new ChoiceScorer().score("B", new Reference("1", CITIES))).hasValue(1);
    List<String> numbers = List.of("3", "0", "1", "2");
    assertThat(new ChoiceScorer().score("Answer: C", new Reference("1", numbers))).hasValue(1);
    assertThat(new ChoiceScorer().score("The answer is 1", new Reference("1", numbers)))
        .hasValue(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "42 | 42",
        "The answer is 42. | 42",
        "The sum is 40 + 2 = 42 | 42",
        "Answer: 1,234,567 | 1234567",
        "Answer: 1 234 567 | 1234567",
        "#### 42 | 42",
        "\\boxed{42} | 42",
        "so x = \\boxed{\\frac{1}{3}} | 1/3",
        "$\\dfrac{3}{4}$ | 0.75",
        "1.5 \\times 10^{3} | 1500",
        "1.5e3 | 1500",
        "6.02 × 10^23 | 6.02e23",
        "−7 | -7",
        "$1,250.00 | 1250",
        "It costs \\$18. | 18",
        "3.14159 | 3.14",
        "2500 m | 2.5 km",
        "The answer is 90 minutes | 1.5 h",
        "2.5 km | 2.5",
        "25% | 0.25",
        "25 | 25%",
        "Answer: **42** | 42",
        "{\"answer\": 42} | 42",
        "There are 3 cats and 5 dogs, 8 animals. Answer: 8 | 8",
        "<think>maybe 41</think>42 | 42",
        "3 + 4 is 7, and 7 times 6 is 42 | 42",
        "The final answer is: $42$. | 42",
        "1{,}000 | 1000",
        "\\frac12 | 0.5",
        "3\\frac{1}{2} | 3.5",
        "1 1/2 | 1.5",
        "1½ | 3/2",
        "2\\sqrt{3} | 3.4641",
        "\\frac{\\sqrt{3}}{2} | 0.866",
        "\\sqrt{2} | 1.414",
        "1.414 | \\sqrt{2}",
        "\\frac{\\pi}{4} | 0.785",
        "2^{10} | 1024",
        "10^{-3} | 0.001",
        "5 × 10⁻³ | 0.005",
        "0.333 | 1/3",
        "33.33% | 1/3",
        "3,14 | 3.14",
        "0,75 | 3/4",
        "1.234.567 | 1234567",
        "3 million | 3000000",
        "$3.2 billion | 3.2e9",
        "12 cm^2 | 12",
        "90^\\circ | 90",
        "20 m/s | 72 km/h",
        "1 lb | 16 oz",
        "3 feet | 1 yard",
        "1 tonne | 1000 kg",
        "1 week | 7 days",
        "50 cm² | 0.005 m^2",
        "2 kWh | 7200 kJ",
        "The roots are 2 and 3, so the sum is 5 | 5",
        "The probability is \\(\\frac{3}{4}\\). | 3/4",
        "The probability is\\(\\frac{3}{4}\\). | 3/4",
        "The probability is \\dfrac34 | 0.75",
        "It takes \\(2 \\frac{1}{2}\\) | 2.5",
        "It takes ¾ | 0.75",
        "It takes 1 ½ | 1.5",
        "The diagonal is √2 | 1.41421",
        "The diagonal is \\(\\sqrt{2}\\). | 1.41421",
        "The diagonal is 2 × √2 | 2.82843",
        "The angle is \\(\\pi\\) | 3.14159",
        "The angle is 2 π | 6.28319",
        "The mass is~5 | 5",
      })
  void number_inAnyNotation_isRight(String output, String reference) {
    assertThat(score("number", output, reference)).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "43 | 42",
        "1001 | 1000",
        "3.2 | 3.14",
        "2.5 m | 2.5 km",
        "90 s | 90 kg",
        "-42 | 42",
        "The answer is 4.2 | 42",
        "0.3 | 1/3",
        "1.4 | \\sqrt{2}",
        "3.2 million | 3 million",
        "10 m/s | 72 km/h",
        "2^3 | 6",
      })
  void number_thatDiffers_isWrong(String output, String reference) {
    assertThat(score("number", output, reference)).hasValue(0);
  }

  @Test
  void number_withATolerance_isRightWithinIt() {
    assertThat(score("number:0.01", "1005", "1000")).hasValue(1);
    assertThat(score("number:0.01", "1020", "1000")).hasValue(0);
    assertThat(score("number", "no idea", "1000")).isEmpty();
    assertThat(score("number", "3", "three")).isEmpty();
    assertThat(score("number", "5e99999999999", "6")).hasValue(0);
  }

  @Test
  void exact_ignoresCaseArticlesAndPunctuation() {
    assertThat(score("exact", "The Eiffel Tower.", "eiffel tower")).hasValue(1);
    assertThat(score("exact", "I think so.\nAnswer: Eiffel Tower", "Eiffel Tower")).hasValue(1);
    assertThat(score("exact", "Eiffel", "Eiffel Tower")).hasValue(0);
    assertThat(score("exact", " ", "Eiffel Tower")).isEmpty();
  }

  @Test
  void contains_findsWholeWords() {
    assertThat(score("contains", "It is the Eiffel Tower, in Paris.", "eiffel tower")).hasValue(1);
    assertThat(score("contains", "Parisian", "Paris")).hasValue(0);
    assertThat(score("contains", "日本の首都は東京です", "東京")).hasValue(1);
  }

  @Test
  void regex_withAGroup_comparesWhatItFoundLast() {
    assertThat(score("regex:code (\\w+)", "code X1, no: code Y2", "y2")).hasValue(1);
    assertThat(score("regex:code (\\w+)", "code X1", "y2")).hasValue(0);
    assertThat(score("regex:code (\\w+)", "nothing", "y2")).isEmpty();
    assertThat(score("regex:(?i)yes", "Yes!", "")).hasValue(1);
    assertThat(score("regex:(?i)yes", "No!", "")).hasValue(0);
  }

  @Test
  void json_isComparedAsATree() {
    String right = "{\"a\": 1, \"b\": [1, 2.0]}";
    assertThat(score("json", "Here:\n```json\n{\"b\":[1,2],\"a\":1.0}\n```", right)).hasValue(1);
    assertThat(score("json", "{\"b\":[2,1],\"a\":1}", right)).hasValue(0);
    assertThat(score("json", "no JSON", right)).hasValue(0);
    assertThat(score("json", "First {\"a\":0}, then {\"a\":1}. Note {this}.", "{\"a\":1}"))
        .hasValue(1);
    assertThat(
            score("json", "```json\n{\"a\":0}\n```\nBetter:\n```json\n{\"a\":1}\n```", "{\"a\":1}"))
        .hasValue(1);
    assertThat(score("json", "So: [{\"a\":\"}\"}] as in {\"b\":2}", "[{\"a\":\"}\"}]")).hasValue(1);
    assertThat(score("json", "So: {\"b\":[1]}", "[1]")).hasValue(0);
  }

  @Test
  void scorer_ofAReference_isItsKind() {
    assertThat(AnswerScorers.of(LONDON)).contains(new ChoiceScorer());
    assertThat(AnswerScorers.of(new Reference("2.5 km", List.of()))).contains(new NumberScorer(0));
    assertThat(AnswerScorers.of(new Reference("Rome", CITIES))).contains(new ExactScorer());
    assertThat(AnswerScorers.of(Reference.NONE)).isEmpty();
  }

  @Test
  void scorer_ofAnUnknownName_isRefused() {
    assertThatThrownBy(() -> AnswerScorers.parse("bleu"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("\"bleu\"")
        .hasMessageContaining("choice, number");
    assertThatThrownBy(() -> AnswerScorers.parse("regex:(")).isInstanceOf(BadInputException.class);
    assertThatThrownBy(() -> AnswerScorers.parse("number:7")).isInstanceOf(BadInputException.class);
  }
}
