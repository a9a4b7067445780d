/// A trained router for the chat models of LangChain4j.
@NullMarked
package org.embedllm.langchain4j;

import org.jspecify.annotations.NullMarked;
