// Batch on its own: a batch that came from no reader.
#include <gtest/gtest.h>

#include <stdexcept>

#include "arrow_reader.h"
#include "jetliner/reader.h"
#include "read/query_reader.h"

namespace jetliner {
namespace {

TEST(Batch, AnEmptyOneHasNoColumnsAndNoRows) {
  const Batch batch;
  EXPECT_EQ(batch.num_rows(), 0U);
  EXPECT_EQ(batch.num_columns(), 0U);
  EXPECT_EQ(batch.held_bytes(), 0U);
  EXPECT_TRUE(batch.runs().empty());
  EXPECT_TRUE(is_flat(batch));
  Owned<ArrowArrayStream> stream;
  batch.export_stream(&stream.c);
  Owned<ArrowSchema> schema;
  ASSERT_EQ(stream.c.get_schema(&stream.c, &schema.c), 0);
  EXPECT_STREQ(schema.c.format, "+s");
  EXPECT_EQ(schema.c.n_children, 0);
  Owned<ArrowArray> array;
  ASSERT_EQ(stream.c.get_next(&stream.c, &array.c), 0);
  EXPECT_EQ(array.c.release, nullptr);
  Owned<ArrowArrayStream> column;
  EXPECT_THROW(batch.export_column(0, &column.c), std::out_of_range);
}

}  // namespace
}  // namespace jetliner
