/// What is known of a model before its first answer: facts such as its size and family, its name,
/// and the texts it writes. They give the prior of its ability.
@NullMarked
package org.embedllm.facts;

import org.jspecify.annotations.NullMarked;
