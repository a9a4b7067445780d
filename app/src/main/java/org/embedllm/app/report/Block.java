package org.embedllm.app.report;

import java.util.List;

/// A part of a page.
public sealed interface Block {
  /// The heading of a section.
  record Heading(String id, String text) implements Block {}

  /// A paragraph of plain text.
  record Paragraph(String text) implements Block {}

  /// A figure with its chart, its finding, and its numbers folded away.
  record Drawing(Figure figure) implements Block {}

  /// A table that is not folded.
  ///
  /// @param id as in [Figure]
  record Listing(String id, String title, Table table) implements Block {}

  /// Names and values, as in a methods box.
  record Facts(List<Fact> facts) implements Block {
    public Facts {
      facts = List.copyOf(facts);
    }
  }

  /// One line of [Facts].
  record Fact(String name, String value) {}
}
