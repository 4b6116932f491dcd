/** Tests of the duties apart from Ratis. */
@NullMarked
package io.rafttsdb.replica.duty;

import org.jspecify.annotations.NullMarked;
