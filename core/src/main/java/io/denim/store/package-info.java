@NullMarked
package io.denim.store;

import org.jspecify.annotations.NullMarked;
