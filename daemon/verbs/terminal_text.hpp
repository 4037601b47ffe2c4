// Text for people at a terminal: values beside their uncertainty, labelled lines, names that cannot move the cursor.
#pragma once

#include <string>

namespace sqd {

/// "2.62430 +- 0.00007": as many decimals as show two digits of a sigma that begins with 1 or 2, else one; at least 3 and at most 6.
/// Without a sigma (0 or NaN) the value alone, with 4.
std::string with_error(double value, double sigma);

/// "2.62430(7)": the same digits with the uncertainty in units of the last one, 6 decimals at most. Without a sigma as above.
std::string with_digits(double value, double sigma);

/// The same of a difference: "+0.00210(20)".
std::string signed_digits(double value, double sigma);

/// An uncertainty alone: "0.016", "0.0009".
std::string short_sigma(double sigma);

/// With so many decimals, never by the locale.
std::string fixed(double value, int decimals);

/// The label, blanks to a common column, the value, a line end.
std::string labelled_line(std::string const& label, std::string const& value);

/// Control characters read `?`: a name that came over a network must not move the cursor or ring the bell.
std::string printable(std::string text);

} // namespace sqd
