#include "filter/unit_decoder.h"

#include <utility>

namespace jetliner {
namespace {

TaskOptions with_pass(TaskOptions options, Pass pass, const FilterState* filter) {
  options.pass = pass;
  if (pass == Pass::kFirst) options.plain_pool = filter->plain_pool;
  return options;
}

}  // namespace

UnitDecoder::UnitDecoder(const TaskOptions& options, std::shared_ptr<FilterState> filter)
    : filter_(std::move(filter)),
      whole_(with_pass(options, filter_ == nullptr ? Pass::kOnly : Pass::kUnfiltered, filter_.get())) {
  if (filter_ == nullptr) return;
  first_.emplace(with_pass(options, Pass::kFirst, filter_.get()));
  second_.emplace(with_pass(options, Pass::kSecond, filter_.get()));
}

void UnitDecoder::start(std::shared_ptr<const FileContext> file, Unit unit) {
  file_ = std::move(file);
  is_ended_ = false;
  const bool in_two_passes = filter_ != nullptr && file_->candidate_plan != nullptr &&
                             filter_->choice.in_two_passes() && !whole_.has_huge_block(*file_, unit);
  task_ = in_two_passes ? &*first_ : &whole_;
  task_->start(file_, std::move(unit));
}

void UnitDecoder::start(ChosenRows chosen) {
  file_ = chosen.file;
  is_ended_ = false;
  task_ = &*second_;
  task_->start(std::move(chosen));
}

bool UnitDecoder::next(size_t most_rows, Piece& piece) {
  if (is_ended_) return false;
  if (task_->next(most_rows, piece)) return true;
  if (task_ == &whole_ && whole_.block_left().has_value()) {
    task_ = &*first_;
    first_->start(file_, whole_.take_unit(), *whole_.block_left());
    if (task_->next(most_rows, piece)) return true;
  }
  is_ended_ = true;
  if (filter_ == nullptr) return false;
  if (task_ == &*first_) filter_->choice.first_pass_took(first_->decoded_rows(), first_->decode_ns());
  if (task_ == &whole_) filter_->choice.second_pass_took(whole_.decoded_rows(), whole_.decode_ns());
  if (task_ != &*second_) return false;
  filter_->choice.second_pass_took(second_->decoded_rows(), second_->decode_ns());
  piece = {.kind = PieceKind::kChosen, .file = file_, .ends_chosen_rows = true};
  return true;
}

}  // namespace jetliner
