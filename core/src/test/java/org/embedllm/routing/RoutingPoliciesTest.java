package org.embedllm.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingPoliciesTest {
  @ParameterizedTest
  @ValueSource(strings = {"best", "cheapest@0.8", "cheapest@0", "budget@0.002", "dial@1"})
  void format_ofParsed_isTheSameText(String text) {
    assertThat(RoutingPolicies.parse(text).map(RoutingPolicies::format)).contains(text);
  }

  @Test
  void parse_capitalsAndExponents_areRead() {
    assertThat(RoutingPolicies.parse(" Budget@2e-3 ")).contains(new RoutingPolicy.Budget(0.002));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "besst",
        "best@1",
        "cheapest",
        "cheapest@1.5",
        "budget@-1",
        "dial@x",
        "dial@NaN"
      })
  void parse_otherTexts_areNoPolicy(String text) {
    assertThat(RoutingPolicies.parse(text)).isEmpty();
    assertThat(RoutingPolicies.problem(text)).contains("got \"" + text + "\"");
  }

  @Test
  void problem_ofMistypedName_saysWhatWasMeant() {
    assertThat(RoutingPolicies.problem("cheapst@0.8")).contains("Did you mean \"cheapest\"?");
  }
}
