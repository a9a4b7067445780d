package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;

import org.embedllm.kernel.SimulatedPool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class QuestionPlannerTest {
  private final SimulatedPool pool = new SimulatedPool(16, 1_000, 0, 0.8, 7);

  @Test
  void plan_stopRule_asksNothingMoreOnceItIsReached() {
    ItemParameters known = pool.vectorProblemWithout(0).known();
    var planner = new QuestionPlanner(known);
    ItemResponses none = ItemResponses.of(new int[0], new double[0]);
    var plan = planner.plan(none, 900, 0.08, j -> true);
    assertThat(plan.questions()).doesNotHaveDuplicates().hasSizeBetween(5, 300);
    assertThat(plan.expectedHalfWidth()).isLessThanOrEqualTo(0.08);
    assertThat(
            planner.plan(ItemResponses.byModel(pool.matrix).get(0), 50, 0.08, j -> true).complete())
        .isTrue();
    assertThat(planner.plan(none, 10, 0, j -> j % 2 == 0).questions())
        .allMatch(j -> j % 2 == 0)
        .hasSize(10);
  }
}
