//! What plotters draws on: shapes that are kept apart from how they are written down.
//!
//! Plotters' own SVG backend writes every attribute of every line. A page has thousands of lines, and
//! two forms of each picture.

use std::convert::Infallible;

use plotters::backend::DrawingBackend;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

use super::ink::Ink;

/// A point in the drawing's own units.
pub(super) type Place = BackendCoord;

/// How far, in those units, a line may be from the points that it was drawn through.
const TOLERANCE: f64 = 1.2;

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Through points, of a width.
    Line(Ink, u32, Vec<Place>),
    /// Filled, of an opacity: a polygon.
    Area(Ink, f64, Vec<Place>),
    /// Around a point, of a radius: a ring of a width, or filled.
    Circle(Ink, Option<u32>, Place, u32),
    /// At a point, upright in its middle.
    Text(Ink, Anchor, Place, String),
}

/// Which end of a text lies at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Collects shapes.
pub(super) struct Backend<'a> {
    size: (u32, u32),
    shapes: &'a mut Vec<Shape>,
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> Backend<'a> {
    pub(super) fn new(size: (u32, u32), shapes: &'a mut Vec<Shape>) -> Self {
        Self { size, shapes }
    }

    /// Keeps what has a colour of ours; plotters itself draws with none but those it is given.
    fn keep(&mut self, color: BackendColor, shape: impl FnOnce(Ink) -> Shape) {
        let ink = Ink::of_rgb(color.rgb).filter(|_| color.alpha > 0.0);
        self.shapes.extend(ink.map(shape));
    }
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): Place, color: BackendColor) -> Done {
        let corners = vec![(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
        self.keep(color, |ink| Shape::Area(ink, color.alpha, corners));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: Place, to: Place, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = Place>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let points: Vec<Place> = path.into_iter().collect();
        if points.len() < 2 {
            return Ok(());
        }
        let width = style.stroke_width();
        self.keep(style.color(), |ink| {
            Shape::Line(ink, width, simplified(&points))
        });
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): Place,
        (right, bottom): Place,
        style: &S,
        fill: bool,
    ) -> Done {
        let mut corners = vec![(left, top), (right, top), (right, bottom), (left, bottom)];
        let (color, width) = (style.color(), style.stroke_width());
        if !fill {
            corners.push((left, top));
        }
        self.keep(color, |ink| {
            if fill {
                Shape::Area(ink, color.alpha, corners)
            } else {
                Shape::Line(ink, width, corners)
            }
        });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = Place>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Done {
        let corners: Vec<Place> = corners.into_iter().collect();
        let color = style.color();
        self.keep(color, |ink| Shape::Area(ink, color.alpha, corners));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: Place,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        let width = (!fill).then(|| style.stroke_width());
        self.keep(style.color(), |ink| {
            Shape::Circle(ink, width, center, radius)
        });
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, place: Place) -> Done {
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        self.keep(style.color(), |ink| {
            Shape::Text(ink, anchor, place, text.to_owned())
        });
        Ok(())
    }
}

/// The points that a line needs to look the same: Douglas and Peucker, "Algorithms for the reduction of
/// the number of points required to represent a digitized line", 1973.
fn simplified(points: &[Place]) -> Vec<Place> {
    let mut is_kept = vec![false; points.len()];
    let mut spans = vec![(0, points.len() - 1)];
    while let Some((first, last)) = spans.pop() {
        is_kept[first] = true;
        is_kept[last] = true;
        let farthest = (first + 1..last)
            .map(|at| (at, distance(points[at], points[first], points[last])))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((at, _)) = farthest.filter(|(_, distance)| *distance > TOLERANCE) {
            spans.extend([(first, at), (at, last)]);
        }
    }
    let kept = points.iter().zip(is_kept);
    kept.filter(|(_, is_kept)| *is_kept)
        .map(|(point, _)| *point)
        .collect()
}

/// Of a point from the piece between two others.
fn distance(point: Place, from: Place, to: Place) -> f64 {
    let vector = |end: Place| {
        (
            f64::from(end.0) - f64::from(from.0),
            f64::from(end.1) - f64::from(from.1),
        )
    };
    let (piece, own) = (vector(to), vector(point));
    let length_squared = piece.0 * piece.0 + piece.1 * piece.1;
    let along = (own.0 * piece.0 + own.1 * piece.1) / length_squared.max(f64::MIN_POSITIVE);
    let along = along.clamp(0.0, 1.0);
    (own.0 - along * piece.0).hypot(own.1 - along * piece.1)
}

#[cfg(test)]
mod tests {
    use super::simplified;

    #[track_caller]
    fn check(points: &[(i32, i32)], expected: &[(i32, i32)]) {
        assert_eq!(simplified(points), expected);
    }

    #[test]
    fn points_that_a_line_passes_anyway_are_left_out() {
        check(&[(0, 0), (10, 1), (20, 2)], &[(0, 0), (20, 2)]);
        check(&[(0, 0), (10, 1), (20, 0)], &[(0, 0), (20, 0)]);
        check(&[(0, 0), (10, 9), (20, 0)], &[(0, 0), (10, 9), (20, 0)]);
        check(&[(0, 0), (0, 0)], &[(0, 0), (0, 0)]);
        // There and back again is not the way there.
        check(&[(0, 0), (50, 0), (20, 0)], &[(0, 0), (50, 0), (20, 0)]);
    }
}
