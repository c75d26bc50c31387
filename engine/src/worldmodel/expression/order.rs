//! The order in which a plan is worked out: reverse Polish notation, which is how a stack machine reads it.

use super::{Expression, Plan};

/// Plans with fewer operators between numbers say their order plainly enough.
const OPERATORS: usize = 3;

impl Plan {
    /// The order in which a value is worked out: each operator and function behind what it takes, `<a> <b> + <c> *` for `(<a> + <b>) * <c>`. A comma
    /// parts two constants, and `neg` is the sign. None where the plan gives something else or has few operators.
    ///
    /// ```
    /// use engine::worldmodel::expression::parse;
    ///
    /// let order = |plan| parse(plan).unwrap().order();
    /// assert_eq!(order("<a> - (<b> + <c>) * <d>").as_deref(), Some("<a> <b> <c> + <d> * -"));
    /// assert_eq!(order("<a> * 9 / 5 + 32").as_deref(), Some("<a> 9 * 5 / 32 +"));
    /// assert_eq!(order("9 / 5 * -<a> + 32").as_deref(), Some("9 , 5 / <a> neg * 32 +"));
    /// assert_eq!(order("<a> + <b>"), None);
    /// ```
    pub fn order(&self) -> Option<String> {
        let Self::Value(value) = self else { return None };
        let mut order = Order::default();
        order.take(value);
        (order.operators >= OPERATORS).then(|| order.words.join(" "))
    }
}

#[derive(Default)]
struct Order {
    words: Vec<String>,
    operators: usize,
    /// The last word is a constant.
    constant: bool,
}

impl Order {
    fn take(&mut self, expression: &Expression) {
        match expression {
            Expression::Constant(constant) => {
                self.words.extend(self.constant.then(|| ",".to_owned()));
                self.words.push(constant.as_str().to_owned());
                self.constant = true;
                return;
            }
            Expression::Negative(inner) => {
                self.take(inner);
                self.words.push("neg".to_owned());
            }
            Expression::Binary(operator, left, right) => {
                self.take(left);
                self.take(right);
                self.words.push(operator.symbol().to_string());
                self.operators += 1;
            }
            Expression::Call(function, arguments) => {
                arguments.iter().for_each(|argument| self.take(argument));
                self.words.push(function.name().to_owned());
            }
            leaf => self.words.push(leaf.to_string()),
        }
        self.constant = false;
    }
}
