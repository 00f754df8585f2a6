"""Which tests run over which store, and why others do not."""

from __future__ import annotations

#: Where files can be. "http" sends ranges, "stream" is HTTP without ranges, "objects" are open files.
STORES = ("s3", "azure", "gcs", "http", "stream", "objects")

#: Modules whose tests read files. All of them run over S3.
_READ_FILES = """
    array_maps arrow_logical arrow_stream count damage directories error_hints errors_container errors_data explain
    frames guide hive ignore_errors invalid_values many_files many_files_casts many_files_names metadata
    missing_files multi nested_projection nested_projection_many_files options pickle polars_files progress
    projection pruning read read_container read_named_types read_ranges read_types reader reader_state
    reader_threads recovery reports resolve scan scan_errors scan_limits scan_rows_only skipped small_files
    source_patterns sources splits tiny_files traps_codecs traps_container traps_logical traps_nested type_options
    way_out
"""
#: Modules that stand for the others. HTTP has no lists, so no patterns and directories.
_REPRESENTATIVE = "errors_data multi projection read reader scan scan_limits"
_WITH_LISTS = f"{_REPRESENTATIVE} hive source_patterns"

_MODULES = {
    "s3": _READ_FILES,
    "azure": _WITH_LISTS,
    "gcs": _WITH_LISTS,
    "http": _REPRESENTATIVE,
    "stream": _REPRESENTATIVE,
    "objects": _WITH_LISTS,
}
#: A quick selection, for `--over=some`.
_SOME = {
    "s3": "damage directories errors_container errors_data hive read reader scan source_patterns",
    "azure": "read source_patterns",
    "gcs": "read source_patterns",
    "http": "read",
    "stream": "read",
    "objects": "read scan",
}
#: Tests of these modules that read hundreds of times, and are not part of the quick selection.
_LONG = {
    "damage::test_errors_are_bounded_and_counted_beyond",
    "errors_container::test_header_cut_at_any_byte",
    "hive::test_queries_over_partitions",
}

_DESCRIPTORS = "looks at the files that this process has open"
_OWN_TABLE = "makes the inner objects for local files itself"
_PROCESS = "reads in another process, which does not know of this place"
_DISK = "about links, permissions or empty directories, which a store does not have"
_NO_DIRECTORY = "a store has no directories: the object is missing"
_NOT_UNICODE = "a key is text"
_CHANGED = "a store tells that the object has changed"
_GZIP = "files in gzip are read from disks only"
_LIVE = "counts threads, or rows of a call that waits: slow sources are read by a thread of their own"

#: Tests that run on the disk only.
NOT_OVER_STORES = {
    "directories::test_a_directory_that_cannot_be_listed_is_a_permission_error": _DISK,
    "directories::test_a_loop_of_links_is_an_error": _DISK,
    "directories::test_an_empty_directory_is_not_found": _DISK,
    "directories::test_links_to_directories_are_followed": _DISK,
    "directories::test_the_pattern_of_the_warning_reads_the_files": _GZIP,
    "many_files::test_a_file_that_changed_since_the_scan_was_made_is_checked_again": _CHANGED,
    "many_files_names::test_paths_that_are_not_text_are_refused_at_the_call": _NOT_UNICODE,
    "missing_files::test_directory_is_a_source_error_of_the_readers": _NO_DIRECTORY,
    "missing_files::test_path_that_is_not_unicode": _NOT_UNICODE,
    "pickle::test_pickled_lazy_frame_is_collected_in_another_process": _PROCESS,
    "pickle::test_process_pool": _PROCESS,
    "pickle::test_scan_itself_is_picklable": _OWN_TABLE,
    "pickle::test_serialised_lazy_frame_is_collected_in_another_process": _PROCESS,
    "projection::test_a_file_that_has_changed_since_the_scan_was_made_is_refused": _OWN_TABLE,
    "projection::test_frames_have_the_wanted_columns_in_schema_order_and_all_rows": _OWN_TABLE,
    "reader_state::test_file_is_closed_at_the_end_and_on_exit_and_with_the_object": _DESCRIPTORS,
    "reader_threads::test_nothing_is_pending_after_close_while_another_thread_waits": _LIVE,
    "reader_threads::test_reader_in_a_cycle_is_collected_on_another_thread": _DESCRIPTORS,
    "reader_threads::test_threads_are_started_and_end_with_the_iteration": _LIVE,
    "reader_threads::test_threads_end_with_the_reader": _LIVE,
    "reader_threads::test_threads_of_an_abandoned_query_end": _OWN_TABLE,
    "resolve::test_a_file_that_no_longer_fits_when_the_query_runs": _CHANGED,
    "scan::test_frames_never_exceed_batch_size": _OWN_TABLE,
    "scan::test_no_column_asked_for_keeps_the_number_of_rows": _OWN_TABLE,
    "scan_errors::test_abandoned_generator_closes_the_file": _OWN_TABLE,
    "scan_errors::test_file_whose_schema_changes_before_collect": _CHANGED,
    "scan_limits::test_n_rows_and_predicate_from_polars_together": _OWN_TABLE,
    "scan_rows_only::test_later_files_are_not_opened_for_a_few_rows": _CHANGED,
    "small_files::test_frames_before_damage_come_before_its_error": _OWN_TABLE,
    "small_files::test_small_file_is_read_when_polars_calls_the_source": _OWN_TABLE,
    "small_files::test_two_frames_are_read_when_polars_calls_the_source": _DESCRIPTORS,
    "source_patterns::test_readers_do_not_take_directories": _NO_DIRECTORY,
    "source_patterns::test_schema_in_place_of_a_path_is_told_its_keyword": "a JSON text is no URL",
    "sources::test_directories_up_are_not_folded": "keys have no '..'",
    "sources::test_url_with_bytes_that_are_not_text": _NOT_UNICODE,
    "splits::test_a_file_that_has_changed": _CHANGED,
    "splits::test_gzip_is_one_split": _GZIP,
    "splits::test_pipes_are_refused": "about pipes, which a store does not have",
}
#: Stores that a test leaves out.
_NOT_OVER = {
    "hive::test_queries_can_be_pickled": {"objects"},  # another process does not have the open file
    "scan_limits::test_several_files_with_row_index_and_path": {"http", "stream"},  # no lists, so no patterns
}


def stores_of(module: str, function: str, *, some: bool) -> list[str]:
    """Return the stores over which a test runs: all of them, or those of the quick selection."""
    name = module.removeprefix("test_").removesuffix(".py")
    test = f"{name}::{function}"
    if test in NOT_OVER_STORES or (some and test in _LONG):
        return []
    modules = _SOME if some else _MODULES
    return [store for store in STORES if name in modules[store].split() and store not in _NOT_OVER.get(test, ())]
