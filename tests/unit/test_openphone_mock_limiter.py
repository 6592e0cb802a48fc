from loadtest.openphone.limiter import Window, rate_headers


def allowed(window, times):
    return [window.take(now).allowed for now in times]


def test_ten_requests_pass_in_a_second_and_the_eleventh_does_not():
    window = Window(10)
    assert allowed(window, [100 + n / 100 for n in range(11)]) == [True] * 10 + [False]


def test_the_next_second_starts_afresh():
    window = Window(2)
    assert allowed(window, [5.0, 5.1, 5.9, 6.0, 6.1, 6.2]) == [True, True, False, True, True, False]


def test_windows_are_fixed_so_twice_the_limit_fits_around_a_border():
    window = Window(3)
    assert allowed(window, [7.7, 7.8, 7.9, 8.0, 8.1, 8.2]) == [True] * 6


def test_the_phase_moves_the_borders():
    window = Window(1, phase=0.5)
    assert allowed(window, [1.4, 1.49, 1.5, 1.6, 2.4, 2.5]) == [True, False, True, False, False, True]


def test_remaining_counts_down_to_zero():
    window = Window(3)
    assert [window.take(1.0).remaining for _ in range(5)] == [2, 1, 0, 0, 0]


def test_zero_per_second_turns_the_limit_off():
    window = Window(0)
    assert all(allowed(window, [1.0] * 1000))


def test_headers_say_what_is_left_of_the_window():
    assert rate_headers(10, 9) == {
        "ratelimit": '"per-second"; r=9; t=1',
        "ratelimit-policy": '"per-second"; q=10; w=1',
    }


def test_there_are_no_headers_without_a_limit():
    assert rate_headers(0, 0) == {}
