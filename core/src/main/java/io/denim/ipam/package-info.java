@NullMarked
package io.denim.ipam;

import org.jspecify.annotations.NullMarked;
