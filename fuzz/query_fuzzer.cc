// Runs queries over any bytes as container files.
//
// - A read with a filter (late materialisation) gives the rows of a full read that the filter keeps, and no others.
// - It reports damage that a read of the filter's columns reports, and damage within rows that are kept.
// - Counting rows agrees with reading them.
// - A file that is given twice gives its rows twice.
//
// The first bytes choose the options (query.h). The rest is the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow_reader.h"
#include "check.h"
#include "filter/candidates.h"
#include "jetliner/reader.h"
#include "query.h"

namespace jetliner {
namespace {

bool same_row(const Row& a, const Row& b) { return a.text == b.text && a.key == b.key; }

bool same_place(const BadBlock& a, const BadBlock& b) {
  return a.path == b.path && a.block_index == b.block_index && a.record_index == b.record_index &&
         a.file_offset == b.file_offset;
}

bool same_damage(const BadBlock& a, const BadBlock& b) {
  return same_place(a, b) && a.block_offset == b.block_offset && a.variant == b.variant && a.message == b.message;
}

bool same_record(const Error& a, const Error& b) {
  return a.place().path == b.place().path && a.place().block_index == b.place().block_index &&
         a.place().record_index == b.place().record_index && a.place().file_offset == b.place().file_offset;
}

bool same_error(const Error& a, const Error& b) {
  return same_record(a, b) && a.variant() == b.variant() && a.place().block_offset == b.place().block_offset;
}

bool same_damages(const std::vector<BadBlock>& a, const std::vector<BadBlock>& b, decltype(same_place)* same) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

// Names in the checks below:
//   whole      a read of all columns
//   looked     a read of the filter's columns
//   wanted     the rows of `looked` that the filter keeps
//   filtered   the read with the filter
//
// This one checks that the rows of `filtered` are wanted rows, in their order.
void check_kept_rows(const Outcome& looked, const std::vector<const Row*>& wanted, const Outcome& filtered) {
  size_t next = 0;
  for (const Row& row : filtered.rows) {
    while (next < wanted.size() && wanted[next]->number < row.number) ++next;
    JETLINER_FUZZ_CHECK(next < wanted.size() && wanted[next]->number == row.number);
    JETLINER_FUZZ_CHECK(wanted[next]->key == row.key);
    ++next;
  }
  JETLINER_FUZZ_CHECK(filtered.looked_at <= looked.rows.size());
  JETLINER_FUZZ_CHECK(filtered.error.has_value() || filtered.looked_at == looked.rows.size());
}

void check_strict(const Outcome& whole, const Outcome& looked, const std::vector<const Row*>& wanted,
                  const Outcome& filtered) {
  // A read of fewer columns finds less damage. It never fails earlier than a read of all columns.
  const size_t whole_rows = whole.rows.size();
  JETLINER_FUZZ_CHECK(looked.rows.size() >= whole_rows);
  JETLINER_FUZZ_CHECK(whole.error.has_value() || (looked.rows.size() == whole_rows && !looked.error.has_value()));
  for (size_t i = 0; i < whole_rows; ++i) JETLINER_FUZZ_CHECK(whole.rows[i].key == looked.rows[i].key);

  // No row before the error is missing, and the rows are complete.
  for (size_t i = 0; i < filtered.rows.size(); ++i) {
    const Row& row = filtered.rows[i];
    JETLINER_FUZZ_CHECK(row.number == wanted[i]->number);
    if (row.number < whole_rows) JETLINER_FUZZ_CHECK(same_row(row, whole.rows[row.number]));
  }
  const size_t rows = filtered.rows.size();
  JETLINER_FUZZ_CHECK(rows == wanted.size() || wanted[rows]->number >= whole_rows);
  // If all wanted rows are there, the error, if any, is that of the filter's columns.
  if (rows == wanted.size()) {
    JETLINER_FUZZ_CHECK(filtered.error.has_value() == looked.error.has_value());
    if (looked.error.has_value()) JETLINER_FUZZ_CHECK(same_error(*filtered.error, *looked.error));
  } else {
    JETLINER_FUZZ_CHECK(filtered.error.has_value());
  }
  // Otherwise the first bad row that is wanted ends the read.
  if (looked.rows.size() == whole_rows) return;
  const auto is_it = [&](const Row* row) { return row->number == whole_rows; };
  const auto bad = std::find_if(wanted.begin(), wanted.end(), is_it);
  if (bad == wanted.end()) return;
  JETLINER_FUZZ_CHECK(rows == static_cast<size_t>(bad - wanted.begin()));
  // Only the record is compared. Items may take other bytes than their block claims. Then the two reads fail at
  // different places, with different errors.
  JETLINER_FUZZ_CHECK(same_record(*filtered.error, *whole.error));
}

ptrdiff_t num_with_blocks_within(const Outcome& outcome) {
  return std::count_if(outcome.bad_blocks.begin(), outcome.bad_blocks.end(), [](const BadBlock& bad) {
    return bad.message.find("whole blocks, which are read") != std::string::npos;
  });
}

size_t num_bad_blocks(const Outcome& outcome) {
  std::set<std::pair<std::string, int64_t>> blocks;
  for (const BadBlock& bad : outcome.bad_blocks) blocks.emplace(bad.path, bad.file_offset);
  return blocks.size();
}

// True if a row with an invalid value ended its block. This happens if the rest of the block is not whole rows. A
// filtered read may pass over this row, since the rows that it chooses are whole.
bool has_invalid_end(const Outcome& outcome) {
  return std::any_of(outcome.bad_blocks.begin(), outcome.bad_blocks.end(), [](const BadBlock& bad) {
    const bool is_invalid = bad.option != nullptr && std::string_view(bad.option) == "invalid_values";
    return bad.ends_block && (is_invalid || bad.kind == BadBlockKind::kSchemaViolation);
  });
}

// True if a block has more records with invalid values than reports. Each pass over a block reports its own.
bool has_summary(const Outcome& outcome) {
  return std::any_of(outcome.bad_blocks.begin(), outcome.bad_blocks.end(),
                     [](const BadBlock& bad) { return !bad.ends_block && !bad.record_index.has_value(); });
}

// The checks with `ignore_errors`.
void check_lenient(const Choices& choices, const Outcome& whole, const Outcome& looked,
                   const std::vector<const Row*>& wanted, const Outcome& filtered) {
  if (whole.bad_blocks.empty()) {
    JETLINER_FUZZ_CHECK(looked.bad_blocks.empty() && looked.rows.size() == whole.rows.size());
    for (const Row& row : filtered.rows) JETLINER_FUZZ_CHECK(same_row(row, whole.rows[row.number]));
  }
  // After the last row of the limit, a read may or may not have seen the next damage.
  if (looked.rows.size() == kMaxRows) return;
  // Rows are missing if and only if there is damage outside the filter's columns.
  const bool is_complete = filtered.rows.size() == wanted.size();
  JETLINER_FUZZ_CHECK(is_complete == same_damages(filtered.bad_blocks, looked.bad_blocks, same_damage));
  JETLINER_FUZZ_CHECK(num_bad_blocks(filtered) >= num_bad_blocks(looked));
  // Recovery looks for whole blocks within damaged ones. Whether a block counts as damaged depends on the columns read.
  if (num_with_blocks_within(whole) != num_with_blocks_within(looked)) return;
  // The read has all wanted rows of a full read, and the same rows if all are kept. Row numbers may differ: a row that
  // is dropped for damage outside the filter's columns keeps its number here.
  size_t next = 0;
  for (const Row& row : whole.rows) {
    if (choices.filters_by_index || !choices.keeps(row.key)) continue;
    while (next < filtered.rows.size() && filtered.rows[next].text != row.text) ++next;
    JETLINER_FUZZ_CHECK(next < filtered.rows.size());
    ++next;
  }
  if (wanted.size() < looked.rows.size() || has_invalid_end(whole)) return;
  const auto same_text = [](const Row& a, const Row& b) { return a.text == b.text; };
  JETLINER_FUZZ_CHECK(
      std::equal(whole.rows.begin(), whole.rows.end(), filtered.rows.begin(), filtered.rows.end(), same_text));
  if (has_summary(whole) || has_summary(filtered)) return;
  JETLINER_FUZZ_CHECK(same_damages(whole.bad_blocks, filtered.bad_blocks, same_place));
}

// Damage of the container, which does not depend on the data in the blocks.
std::vector<BadBlock> framing(std::vector<BadBlock> bad_blocks) {
  std::erase_if(bad_blocks, [](const BadBlock& bad) { return bad.error_kind != ErrorKind::kParse; });
  return bad_blocks;
}

void check_numbers(const Outcome& outcome) {
  for (size_t i = 0; i < outcome.rows.size(); ++i) JETLINER_FUZZ_CHECK(outcome.rows[i].number == i);
}

void check_count(const Outcome& whole, const Outcome& counted) {
  const size_t rows = counted.rows.size();
  if (whole.error.has_value()) {
    // Counting does not see damage within blocks. It finds an impossible row count before the rows are read.
    if (whole.error->kind() != ErrorKind::kParse) return;
    JETLINER_FUZZ_CHECK(counted.error.has_value() && same_error(*counted.error, *whole.error));
    JETLINER_FUZZ_CHECK(rows == whole.rows.size());
    return;
  }
  // If the limit was reached, its rows may come from a block with an impossible row count.
  if (whole.rows.size() == kMaxRows || rows == kMaxRows) return;
  JETLINER_FUZZ_CHECK(!counted.error.has_value());
  const std::vector<BadBlock> whole_framing = framing(whole.bad_blocks);
  const std::vector<BadBlock> counted_framing = framing(counted.bad_blocks);
  JETLINER_FUZZ_CHECK(same_damages(whole_framing, counted_framing, same_damage));
  if (whole_framing.size() == whole.bad_blocks.size()) {
    JETLINER_FUZZ_CHECK(counted_framing.size() == counted.bad_blocks.size() && rows == whole.rows.size());
  }
  JETLINER_FUZZ_CHECK(counted.bad_blocks.size() <= whole.bad_blocks.size());
  // Counting skips a block with an impossible row count, and does not look for blocks within a damaged one.
  if (counted_framing.size() < counted.bad_blocks.size() || num_with_blocks_within(whole) > 0) return;
  JETLINER_FUZZ_CHECK(rows >= whole.rows.size());
}

// A file without damage, given twice, gives its rows twice.
void check_twice(const Outcome& once, const Outcome& twice) {
  const size_t rows = once.rows.size();
  if (once.error.has_value() || !once.bad_blocks.empty() || 2 * rows >= kMaxRows) return;
  JETLINER_FUZZ_CHECK(!twice.error.has_value() && twice.bad_blocks.empty() && twice.rows.size() == 2 * rows);
  for (size_t i = 0; i < 2 * rows; ++i) {
    JETLINER_FUZZ_CHECK(twice.rows[i].number == i);
    JETLINER_FUZZ_CHECK(twice.rows[i].text == once.rows[i % rows].text);
  }
}

void run(const Choices& choices, Bytes bytes) {
  const Files files = files_of(choices, std::move(bytes));
  const QueryOptions all_rows{.merge_columns = choices.merge_columns};
  ReadOptions options;
  options.batch_size = choices.batch_size;
  options.read_chunk_bytes = choices.chunk_bytes;
  options.buffer_bytes = choices.buffer_bytes;
  options.ignore_errors = choices.ignore_errors;
  options.max_block_bytes = kMaxTwoPassBlockRows;  // keeps blocks within this number of rows
  options.types = choices.types;
  options.n_rows = kMaxRows;
  options.n_threads = 1;
  options.row_index_name = kIndexName;
  options.path_column = kPathName;

  std::vector<std::string> filter;
  std::vector<std::string> columns;
  try {
    const QueryReader reader({files[0].path}, options, all_rows,
                             [&](const std::string&) { return open_memory(files[0].bytes); });
    size_t number = 0;
    for (const std::string& name : reader.column_names()) {
      const auto bit = static_cast<uint8_t>(1U << (number++ % 8));
      if ((choices.filter_columns & bit) != 0) filter.push_back(name);
      if (((choices.filter_columns | choices.further_columns) & bit) != 0) columns.push_back(name);
    }
  } catch (const Error& error) {
    JETLINER_FUZZ_CHECK(!error.place().path.empty() && error.what()[0] != 0);
    return;  // the header is bad
  }
  if (choices.has_some_columns) options.columns = ColumnNames{columns};

  ReadOptions looked_options = options;
  looked_options.columns = ColumnNames{filter};
  if (choices.filters_by_index) filter.emplace_back(kIndexName);
  if (choices.filters_by_path) filter.emplace_back(kPathName);
  QueryOptions filtered_rows = all_rows;
  filtered_rows.filter_columns = filter;
  const Query query(choices, {filter.begin(), filter.end()});

  const Outcome whole = query.read(files, options, all_rows);
  const Outcome looked = query.read(files, looked_options, all_rows);
  const Outcome filtered = query.read(files, options, filtered_rows);
  check_numbers(whole);
  check_numbers(looked);
  std::vector<const Row*> wanted;
  for (const Row& row : looked.rows) {
    if (choices.keeps(row.key)) wanted.push_back(&row);
  }
  check_kept_rows(looked, wanted, filtered);
  if (choices.ignore_errors) {
    JETLINER_FUZZ_CHECK(!whole.error.has_value() && !looked.error.has_value() && !filtered.error.has_value());
    check_lenient(choices, whole, looked, wanted, filtered);
  } else {
    check_strict(whole, looked, wanted, filtered);
  }

  ReadOptions counting_options = options;
  counting_options.columns = RowsOnly{};
  const Outcome counted = query.read(files, counting_options, all_rows);
  check_numbers(counted);
  check_count(whole, counted);

  if (choices.files >= 2) check_twice(query.read({files[0]}, options, all_rows), whole);
}

}  // namespace
}  // namespace jetliner

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jetliner::kChoiceBytes;
  if (size < kChoiceBytes) return 0;
  try {
    jetliner::run(jetliner::Choices(data), {data + kChoiceBytes, data + size});
  } catch (const jetliner::BadArrow& bad) {
    std::fprintf(stderr, "bad array: %s\n", bad.what());
    __builtin_trap();
  }
  return 0;
}
